"""Stateright's single-copy-register.rs: each server keeps a value of its own. Linearizable with one server only."""

from dataclasses import dataclass

from consensus_lab.kernel import Cast, Context, upon
from tests.check.models.registers import NOTHING, Get, GetOk, Guarded, Put, PutOk, clients, linearizable, server


@dataclass
class SingleCopy(Guarded):
    value: str = NOTHING

    @upon(Put)
    def write(self, put: Put, ctx: Context) -> None:
        self.value = put.value
        ctx.reply(PutOk(put.request))

    @upon(Get)
    def read(self, get: Get, ctx: Context) -> None:
        ctx.reply(GetOk(get.request, self.value))


def cast(client_count: int, server_count: int) -> Cast:
    servers = {server(number): SingleCopy() for number in range(server_count)}
    return Cast("single-copy", {**servers, **clients(client_count, server_count)}, invariants=(linearizable,))
