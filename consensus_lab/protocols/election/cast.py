"""Who plays in an election: servers n1, n2 ..., what their disks hold, and whose votes count for how much."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from consensus_lab.kernel import Address, Cast, Links, Process
from consensus_lab.kernel.cast import numbered, refuse_unless, told
from consensus_lab.kernel.quorum import Hierarchical, Majority, Quorum, Weighted
from consensus_lab.protocols.election.invariants import INVARIANTS, everyone_agrees
from consensus_lab.protocols.election.messages import UNTRUSTED, Zxid
from consensus_lab.protocols.election.peer import Peer

NAME = "election"
ZXID = re.compile(r"([0-9]+)\.([0-9]+)")


def cast(
    servers: int = 3,
    *,
    zxids: Sequence[str] = (),
    epochs: Sequence[str] = (),
    accepted: Sequence[str] = (),
    observers: Iterable[Address] = (),
    weights: Sequence[str] = (),
    groups: Sequence[str] = (),
    peer: type[Peer] | None = None,
) -> Cast:
    """Servers n1 ... nn, of which some only observe; a class of your own plays in their stead.

    Per server: `zxids`, its last logged transaction as EPOCH.COUNTER (-1: an empty database not to be trusted);
    `epochs`, its currentEpoch (by default the epoch of that zxid); `accepted`, its acceptedEpoch (by default its
    currentEpoch); `weights`, by default all 1; `groups`, the name of its group, by default none.
    Raises ValueError, with a sentence, for what does not fit.
    """
    zxids, epochs, accepted, weights, groups = map(tuple, (zxids, epochs, accepted, weights, groups))
    observers = tuple(sorted(set(observers)))
    parameters = told(cast, locals())
    addresses = numbered("servers", "n", servers)
    logged = [_zxid(text) for text in per_server("zxids", zxids, servers, "0.0")]
    current = numbers("epochs", epochs, [max(0, zxid.epoch) for zxid in logged])
    proposed = numbers("accepted", accepted, current)
    strangers = [address for address in observers if address not in addresses]
    refuse_unless(not strangers, f"observers names {', '.join(strangers)}; servers are {', '.join(addresses)}")
    weighed = dict(zip(addresses, numbers("weights", weights, [1] * servers), strict=True))
    voters = {address: weight for address, weight in weighed.items() if address not in observers}
    grouped = dict(zip(addresses, per_server("groups", groups, servers, ""), strict=True))
    quorum = quorum_of(voters, grouped)
    weightless = frozenset(address for address, weight in voters.items() if weight == 0)
    processes: dict[Address, Process] = {
        address: (peer or Peer)(sid, quorum, weightless, current_epoch=epoch, accepted_epoch=promised, last_zxid=zxid)
        for sid, (address, epoch, promised, zxid) in enumerate(
            zip(addresses, current, proposed, logged, strict=True), start=1
        )
    }
    return Cast(NAME, processes, (), INVARIANTS, Links.FIFO, parameters=parameters, eventually=(everyone_agrees,))


def quorum_of(weights: dict[Address, int], groups: dict[Address, str]) -> Quorum:
    """A majority, by weight or by groups if there are any. Raises ValueError when nobody votes, or nobody weighs."""
    refuse_unless(bool(weights), "observers are all servers: somebody must vote")
    refuse_unless(any(weights.values()), "weights of the voters must not all be 0")
    if any(groups.values()):
        names = sorted({groups[address] for address in weights})
        members = {name: {a: weight for a, weight in weights.items() if groups[a] == name} for name in names}
        return Hierarchical.of(members)
    return Majority(frozenset(weights)) if set(weights.values()) == {1} else Weighted.of(weights)


def per_server(what: str, given: Sequence[str], servers: int, usual: str) -> Sequence[str]:
    """One word a server. A scenario's single word comes as a tuple of one. Raises ValueError for any other number."""
    refuse_unless(len(given) in (0, servers), f"{what} must say one for each of {servers} servers, not {len(given)}")
    return given or [usual] * servers


def numbers(what: str, given: Sequence[str], usual: list[int]) -> list[int]:
    """One whole number a server; an empty word stands for the usual one. Raises ValueError."""
    words = per_server(what, given, len(usual), "")
    wrong = [word for word in words if word and not (word.isascii() and word.isdecimal())]
    refuse_unless(not wrong, f"{what} must be whole numbers, not {', '.join(wrong)}")
    return [int(word) if word else number for word, number in zip(words, usual, strict=True)]


def _zxid(text: str) -> Zxid:
    found = ZXID.fullmatch(text)
    refuse_unless(bool(found) or text == "-1", f"zxids are written EPOCH.COUNTER, such as 1.7, or -1; not {text!r}")
    return Zxid(int(found[1]), int(found[2])) if found else UNTRUSTED
