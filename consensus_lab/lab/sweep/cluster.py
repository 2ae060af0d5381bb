"""A cluster of dask.distributed as an engine (extra ``cluster``): workers on this machine, or wherever a scheduler is.

A scheduler runs what it is sent, by whoever reaches it. So what is started here listens on loopback only, and a
scheduler elsewhere is spoken to over TLS or not at all. A worker that dies loses nothing: the scheduler has its batches
done by others, and gives one up that has killed three.
"""

from __future__ import annotations

import importlib
import importlib.util
import ipaddress
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.sweep.engines import AHEAD, TRIES
from consensus_lab.lab.sweep.tally import Tally
from consensus_lab.lab.sweep.work import Batch, Done, Lost, Outcome, Work, perform

LOOPBACK = "127.0.0.1"
PATIENCE = 30  # seconds to reach a scheduler, and for its first worker


@dataclass(frozen=True)
class Certificates:
    """Paths of PEM files: who signs everybody's certificates, and our own certificate with its key."""

    authority: str
    certificate: str
    key: str


@dataclass(frozen=True)
class Cluster:
    """A scheduler by its address, or a cluster of its own on loopback. Raises BadInput for one not to be trusted."""

    scheduler: str = ""
    workers: int | None = None  # of a cluster of its own
    certificates: Certificates | None = None

    def __post_init__(self) -> None:
        if importlib.util.find_spec("distributed") is None:
            raise BadInput("a cluster needs dask.distributed: python -m pip install 'consensus-lab[cluster]'")
        if self.certificates and not self.scheduler.startswith("tls://"):
            raise BadInput(f"certificates are for a scheduler at tls://HOST:PORT, and {self.scheduler} is not tls://")
        if self.scheduler and not self.certificates and not is_loopback(self.scheduler):
            raise BadInput(
                f"{self.scheduler} is another machine, and a scheduler runs what it is sent: "
                "speak TLS to it (tls://HOST:PORT with --tls-ca, --tls-cert and --tls-key), or tunnel to 127.0.0.1"
            )

    def __str__(self) -> str:
        return f"the scheduler {self.scheduler}" if self.scheduler else "a cluster on this machine"

    def map_batches(self, work: Work, batches: Iterable[Batch]) -> Iterator[Outcome]:
        with ExitStack() as stack:
            client = self._client(stack)
            yield from _outcomes(client, work, iter(batches))

    def _client(self, stack: ExitStack) -> Any:
        dask, distributed = importlib.import_module("dask"), _distributed()
        stack.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": TRIES - 1}))
        address: Any = self.scheduler
        if not address:
            own = distributed.LocalCluster(
                n_workers=self.workers, threads_per_worker=1, processes=True, host=LOOPBACK, dashboard_address=None
            )
            address = stack.enter_context(own)
        try:
            client = distributed.Client(
                address, security=_security(self.certificates), timeout=PATIENCE, set_as_default=False
            )
            stack.enter_context(client)
            client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            raise BadInput(f"{self} cannot be used: {str(error) or 'no answer'}") from None
        return client


def is_loopback(address: str) -> bool:
    """Whether ``tcp://127.0.0.1:8786`` is this machine. A name is not looked up: only ``localhost`` is one."""
    host = urlsplit(address if "://" in address else f"tcp://{address}").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _distributed() -> Any:
    """The package, which ships no types, and is imported by nobody who has no use for it."""
    return importlib.import_module("distributed")


def _security(certificates: Certificates | None) -> Any:
    if certificates is None:
        return None
    return _distributed().Security(
        tls_ca_file=certificates.authority,
        tls_client_cert=certificates.certificate,
        tls_client_key=certificates.key,
        require_encryption=True,
    )


def _outcomes(client: Any, work: Work, waiting: Iterator[Batch]) -> Iterator[Outcome]:
    """Batches to the scheduler, so many ahead, and back as they are done."""
    flying: dict[str, Batch] = {}
    landing = _distributed().as_completed(loop=client.loop)

    def fill() -> None:
        room = AHEAD * max(1, sum(client.nthreads().values()))
        while len(flying) < room and (batch := next(waiting, None)) is not None:
            future = client.submit(perform, work.kind, work.common, list(batch.items), pure=False)
            flying[future.key] = batch
            landing.add(future)

    fill()
    while flying:
        future = next(landing)
        yield _landed(flying.pop(future.key), future)
        fill()


def _landed(batch: Batch, future: Any) -> Outcome:
    try:
        return Done(batch, Tally.of_json(future.result()))
    except _distributed().KilledWorker:
        return Lost(batch, "it killed one worker after the other")
