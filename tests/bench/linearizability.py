"""How fast histories are judged: the published ones, and a register under ever more clients. On one core, CPU time.

Run: ``python -m tests.bench.linearizability``.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

from consensus_lab.check.linearizability import MODELS, History, Model, Operation, Ruling, judge, minimise
from tests.check.linearizability.published import history, verdicts

OPERATIONS = 1_000
TICK = 10  # between two moments of effect
CLIENTS = (5, 10, 15)


def main() -> None:
    etcd = [name for name in verdicts() if name.startswith("etcd")]
    report("102 runs of etcd under Jepsen", [history(name) for name in etcd], MODELS["register"]())
    for name in ("c10-ok", "c10-bad", "c50-ok", "c50-bad"):
        report(f"key-value store, {name}", [history(name)], MODELS["kv"]())
    for clients in CLIENTS:
        report(f"a register under {clients} clients", [register(clients)], MODELS["register"]())
    minimised([name for name in etcd if not verdicts()[name]])


def report(what: str, histories: Sequence[History], model: Model) -> None:
    begun = time.process_time()
    judged = [judge(each, model) for each in histories]
    seconds = time.process_time() - begun
    operations, steps = sum(map(len, histories)), sum(verdict.steps for verdict in judged)
    rulings = ", ".join(f"{sum(v.ruling is r for v in judged)} {r.value}" for r in Ruling)
    print(f"{what:<32} {operations:>6,} operations, {steps:>9,} steps, {seconds:>6.2f} s: {rulings}")


def minimised(names: Sequence[str]) -> None:
    """What the windows of the violated ones cost."""
    begun, sizes = time.process_time(), []
    for name in names:
        part = judge(history(name), MODELS["register"]()).offending
        assert part is not None
        sizes.append(len(minimise(part, MODELS["register"]()).operations))
    seconds = time.process_time() - begun
    print(f"windows of {len(names)} violated runs: {seconds:.2f} s, {min(sizes)} to {max(sizes)} operations")


def register(clients: int) -> History:
    """A register that is linearizable by its making: each operation takes effect at a moment within its interval."""
    dice = random.Random(clients)
    value: int | None = None
    made: list[Operation] = []
    free = [0] * clients
    for moment in range(0, TICK * OPERATIONS, TICK):
        who = dice.choice([client for client in range(clients) if free[client] <= moment] or [0])
        if free[who] > moment:
            continue  # everybody is waiting
        called, returned = max(free[who], moment - dice.randrange(TICK)), moment + dice.randrange(TICK * clients)
        free[who] = returned + 1
        if dice.random() < 0.5:
            value = dice.randrange(5)
            made.append(Operation(f"c{who}", "write", (value,), called, returned, None))
        else:
            made.append(Operation(f"c{who}", "read", (), called, returned, value))
    return tuple(made)


if __name__ == "__main__":
    main()
