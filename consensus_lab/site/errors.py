"""The one error of a build, as a sentence."""

from __future__ import annotations

from consensus_lab.lab.loading import BadInput


class BuildFailed(BadInput):
    """The site cannot be built: what is wrong, on which page and line, and what is allowed."""
