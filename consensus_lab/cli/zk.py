"""``consensus-lab zk``: a ZooKeeper server."""

from __future__ import annotations

import os
from pathlib import Path

import click

from consensus_lab.cli import example, fail


@click.group(epilog=example("consensus-lab zk serve", "consensus-lab zk serve zoo.cfg"))
def command() -> None:
    """Serve ZooKeeper's clients."""


@command.command(
    epilog=example(
        "consensus-lab zk serve",
        "consensus-lab zk serve /etc/zookeeper/conf/zoo.cfg",
        "JVMFLAGS=-Dzookeeper.snapCount=1000 consensus-lab zk serve zoo.cfg",
    )
)
@click.argument("config", metavar="[ZOO.CFG]", required=False, type=click.Path(dir_okay=False, path_type=Path))
def serve(config: Path | None) -> None:
    """Run a ZooKeeper server, in the foreground, until SIGTERM or Ctrl-C.

    ZOO.CFG is read as Apache ZooKeeper reads it. Without it: port 2181 on loopback, data under the user's state folder.
    Exit code 0: it ended in order; 1: it could not start, or had to stop; 2: the configuration cannot be used.
    """
    from consensus_lab.serve.config import embedded_config, read_config
    from consensus_lab.serve.errors import ServeError
    from consensus_lab.serve.foreground import run

    flags = os.environ.get("JVMFLAGS", "")
    chosen = embedded_config(os.environ) if config is None else read_config(config, flags)
    try:
        run(chosen)
    except ServeError as error:
        fail(str(error))
