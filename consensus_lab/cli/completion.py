"""``consensus-lab completion``: what a shell must read to complete verbs, options and scenario names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from consensus_lab.cli import example, main


@click.command(
    epilog=example(
        'eval "$(consensus-lab completion bash)"',
        "consensus-lab completion fish > ~/.config/fish/completions/consensus-lab.fish",
    )
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script for SHELL."""
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(main, {}, "consensus-lab", "_CONSENSUS_LAB_COMPLETE").source())
