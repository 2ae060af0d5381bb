"""``python -m consensus_lab`` is ``consensus-lab``."""

from consensus_lab.cli import main

main()
