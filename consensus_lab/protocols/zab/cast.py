"""Who plays in a ZAB ensemble: servers n1, n2 ..., what their disks hold at first, and what zoo.cfg says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from consensus_lab.kernel import Address, Cast, Links, Process
from consensus_lab.kernel.cast import numbered, refuse_unless, told
from consensus_lab.kernel.quorum import Quorum
from consensus_lab.protocols.election.cast import numbers, per_server, quorum_of
from consensus_lab.protocols.zab.application import Application, Counter, Entered, Increment, KeyValueMap, Put, Total
from consensus_lab.protocols.zab.history import History
from consensus_lab.protocols.zab.invariants import EVENTUALLY, INVARIANTS
from consensus_lab.protocols.zab.messages import Txn, WriteRequest, Zxid
from consensus_lab.protocols.zab.peer import Peer
from consensus_lab.protocols.zab.server import COUNTER_LIMIT, Settings

NAME = "zab"
APPLICATIONS: dict[str, type[Counter | KeyValueMap]] = {"counter": Counter, "map": KeyValueMap}
SEGMENT = re.compile(r"([0-9]+)\.(?:([0-9]+)-)?([0-9]+)")


def cast(
    servers: int = 3,
    *,
    writes: int = 0,
    application: str = "counter",
    logs: Sequence[str] = (),
    epochs: Sequence[str] = (),
    accepted: Sequence[str] = (),
    observers: Iterable[Address] = (),
    weights: Sequence[str] = (),
    groups: Sequence[str] = (),
    window: int = 500,
    from_disk: int = 0,
    counter_limit: int = COUNTER_LIMIT,
    tick_time: int = 2000,
    init_limit: int = 10,
    sync_limit: int = 5,
    ticking: bool = True,
    peer: type[Peer] | None = None,
) -> Cast:
    """Servers n1 ... nn, of which some only observe; a class of your own plays in their stead.

    Clients wish `writes` times, at each server in turn. `application` is a counter or a map. Per server: `logs`, as
    ``1.3/2.1`` (1.1 to 1.3, then 2.1; ``1.3-5`` leaves a gap); `epochs`, its currentEpoch (by default the epoch of its
    last transaction); `accepted`, its acceptedEpoch (by default the latest currentEpoch); `weights` and `groups`.
    `window` is commitLogCount, `from_disk` how many older transactions may be sent instead of a snapshot, and no
    counter of a zxid reaches `counter_limit`. `tick_time` is in milliseconds; without `ticking` nobody pings.
    Raises ValueError, with a sentence, for what does not fit.
    """
    logs, epochs, accepted, weights, groups = map(tuple, (logs, epochs, accepted, weights, groups))
    observers = tuple(sorted(set(observers)))
    parameters = told(cast, locals())
    addresses = numbered("servers", "n", servers)
    refuse_unless(application in APPLICATIONS, f"application must be {' or '.join(APPLICATIONS)}, not {application}")
    refuse_unless(0 <= writes <= 1000, f"writes must be 0 to 1000, not {writes}")
    settings = Settings(
        tick_time / 1000, init_limit, sync_limit, window, from_disk, counter_limit, ticking=bool(ticking)
    )
    _check(settings)
    disks = list(_disks(servers, application, logs, epochs, accepted))
    quorum, weightless = _voters(addresses, observers, weights, groups)
    _check_epochs(quorum, dict(zip(addresses, disks, strict=True)))
    processes: dict[Address, Process] = {
        address: (peer or Peer)(
            sid, quorum, weightless, settings=settings, history=log, current_epoch=current, accepted_epoch=promised
        )
        for sid, (address, (log, current, promised)) in enumerate(zip(addresses, disks, strict=True), start=1)
    }
    requests = tuple(_wishes(application, writes, addresses))
    return Cast(NAME, processes, requests, INVARIANTS, Links.FIFO, parameters=parameters, eventually=EVENTUALLY)


def _check(settings: Settings) -> None:
    limits = {
        "tick_time": settings.tick_time,
        "init_limit": settings.init_limit,
        "sync_limit": settings.sync_limit,
        "window": settings.commit_log_count,
        "counter_limit": settings.counter_limit - 1,
    }
    for name, limit in limits.items():
        refuse_unless(limit > 0, f"{name} must be at least {2 if name == 'counter_limit' else 1}")
    refuse_unless(settings.counter_limit <= COUNTER_LIMIT, f"counter_limit must be at most {COUNTER_LIMIT}")
    refuse_unless(settings.from_disk >= 0, f"from_disk must be at least 0, not {settings.from_disk}")


def _check_epochs(quorum: Quorum, disks: dict[Address, tuple[History, int, int]]) -> None:
    latest = max(current for _, current, _ in disks.values())
    begun = quorum.reached(address for address, (_, _, promised) in disks.items() if promised >= latest)
    refuse_unless(begun, f"some server is in epoch {latest}, so a quorum must have accepted it")


def _wishes(application: str, writes: int, addresses: tuple[Address, ...]) -> Iterator[tuple[Address, WriteRequest]]:
    """What clients wish, at each server in turn."""
    servers = len(addresses)
    for n in range(writes):
        yield addresses[n % servers], _wish(application, session=n % servers + 1, cxid=n // servers + 1)


def _wish(application: str, session: int, cxid: int) -> WriteRequest:
    """One of the wishes of the client that speaks to the server of this number."""
    operation = Increment() if application == "counter" else Put(f"k{session}", f"v{cxid}")
    return WriteRequest(session, cxid, operation)


def _voters(
    addresses: tuple[Address, ...], observers: tuple[Address, ...], weights: Sequence[str], groups: Sequence[str]
) -> tuple[Quorum, frozenset[Address]]:
    strangers = [address for address in observers if address not in addresses]
    refuse_unless(not strangers, f"observers names {', '.join(strangers)}; servers are {', '.join(addresses)}")
    weighed = dict(zip(addresses, numbers("weights", weights, [1] * len(addresses)), strict=True))
    voters = {address: weight for address, weight in weighed.items() if address not in observers}
    grouped = dict(zip(addresses, per_server("groups", groups, len(addresses), ""), strict=True))
    return quorum_of(voters, grouped), frozenset(address for address, weight in voters.items() if weight == 0)


# -- what the disks hold at first --------------------------------------------------------------------------------------


def _disks(
    servers: int, application: str, logs: Sequence[str], epochs: Sequence[str], accepted: Sequence[str]
) -> Iterator[tuple[History, int, int]]:
    """Of each server: its history, its currentEpoch and its acceptedEpoch."""
    histories = [_history(application, text) for text in per_server("logs", logs, servers, "")]
    last = [history.last_logged.epoch for history in histories]
    current = numbers("epochs", epochs, last)
    promised = numbers("accepted", accepted, [max(current)] * servers)
    for server, (history, epoch, promise) in enumerate(zip(histories, current, promised, strict=True), start=1):
        fits = history.last_logged.epoch <= epoch <= promise
        refuse_unless(
            fits, f"n{server}: from its last transaction's epoch to currentEpoch to acceptedEpoch none may be smaller"
        )
        yield history, epoch, promise


def _history(application: str, text: str) -> History:
    history = History(APPLICATIONS[application]())
    for count, zxid in enumerate(_zxids(text), start=1):
        refuse_unless(zxid > history.last_logged, f"logs must rise, and {text} does not")
        history.append(Txn(zxid, 0, count, _body(application, zxid)))
    history.fast_forward()
    return history


def _zxids(text: str) -> Iterator[Zxid]:
    for segment in filter(None, text.split("/")):
        found = SEGMENT.fullmatch(segment)
        refuse_unless(bool(found), f"logs are written EPOCH.LAST or EPOCH.FIRST-LAST, with / between, not {text!r}")
        assert found is not None
        first, last = int(found[2] or 1), int(found[3])
        refuse_unless(
            1 <= first <= last <= 10_000, f"a log's counters rise from 1 to at most 10000, not as in {text!r}"
        )
        yield from (Zxid(int(found[1]), counter) for counter in range(first, last + 1))


def _body(application: str, zxid: Zxid) -> Total | Entered:
    """What somebody wrote once: of the same zxid everybody has the same."""
    number = zxid.epoch * 1000 + zxid.counter
    return Total(number) if application == "counter" else Entered("old", str(number), number)


def blank(application: str = "counter") -> Application:
    """The application of that name before anything happened to it."""
    return APPLICATIONS[application]()
