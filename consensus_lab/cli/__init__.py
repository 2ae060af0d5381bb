"""The command line: one small module a verb, imported only when that verb is used.

`consensus-lab --help` therefore imports neither the screen, nor graphs, nor asyncio: the short helps stand here.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from contextlib import suppress
from typing import NoReturn

import click

from consensus_lab import __version__

VERBS = {
    "play": "Step through a scenario or a trace on the screen.",
    "scenarios": "List every scenario that can be played.",
    "run": "Perform a scenario without a screen, simulated or on real TCP.",
    "check": "Search every schedule of a protocol or of a class of yours.",
    "contrast": "Play one fault script on every protocol, in one table.",
    "fuzz": "Play random runs of a protocol or of a class of yours.",
    "lint": "Find what a process must not depend on.",
    "linearizable": "Judge whether a history of clients' calls is linearizable.",
    "sweep": "Ask the same of many seeds, bounds or submissions.",
    "replay": "Follow a recorded trace with the code as it is now.",
    "learn": "List lessons, start one, ask for hints.",
    "grade": "Grade a lesson or a file of exercises.",
    "zk": "Serve ZooKeeper's clients.",
    "completion": "Print the completion script of your shell.",
}
BROKEN, USAGE, INTERRUPTED = 1, 2, 130
"""Exit codes: something claimed does not hold; the command cannot be carried out as given; Ctrl-C."""
EXIT_CODES = (
    "0    all is as claimed: proved, passed, followed to its end",
    "1    something is not: a claim is refuted, a test fails, a trace goes another way",
    "2    it cannot be carried out as given: what is wrong, where, and what is allowed is said",
    "3    nobody knows: a limit or Ctrl-C ended a search, or a grader could not run",
    "130  Ctrl-C, anywhere else",
)


class LazyGroup(click.Group):
    """Finds a verb's module when the verb is used; turns bad input, and a full disk, into a sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"{__name__}.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def invoke(self, ctx: click.Context) -> object:
        try:
            return self._flushed(ctx)
        except KeyboardInterrupt:
            click.echo("\nconsensus-lab: interrupted", err=True)
            ctx.exit(INTERRUPTED)
        except OSError as error:
            if error.errno == errno.EPIPE:  # nobody reads on, as after `| head`: click leaves quietly
                raise
            discard_output()
            click.echo(f"consensus-lab: {error.filename or 'standard output'}: {error.strerror or error}", err=True)
            ctx.exit(BROKEN)
        except ValueError as error:
            from consensus_lab.kernel.bad_input import BadInput

            if not isinstance(error, BadInput):
                raise
            click.echo(f"consensus-lab: {error}", err=True)
            ctx.exit(USAGE)

    def _flushed(self, ctx: click.Context) -> object:
        """What cannot be shown is known now, and not when the interpreter is being torn down."""
        try:
            return super().invoke(ctx)
        finally:
            sys.stdout.flush()


def discard_output() -> None:
    """What is still in the buffer cannot be written: let the interpreter's last flush succeed."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def example(*lines: str) -> str:
    """An epilog that shows how a command is used, line by line."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=example("consensus-lab play", "consensus-lab run two-phase-commit/commits", "consensus-lab learn list")
    + "\n\n\b\nExit codes:\n"
    + "\n".join(f"  {line}" for line in EXIT_CODES),
)
@click.version_option(__version__, prog_name="consensus-lab")
def main() -> None:
    """Consensus, step by step: protocols to read, play, break, implement and run for real."""


def fail(sentence: str, code: int = BROKEN) -> NoReturn:
    """Say why on standard error, and leave with this exit code."""
    click.echo(f"consensus-lab: {sentence}", err=True)
    sys.exit(code)
