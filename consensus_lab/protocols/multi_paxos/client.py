"""A client: one request at a time, numbered, and sent again and again until it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from consensus_lab.kernel import CLIENT, Address, Context, Process, upon
from consensus_lab.protocols.multi_paxos.key_value import Operation
from consensus_lab.protocols.multi_paxos.messages import (
    Call,
    Invoked,
    Redirect,
    Reply,
    Request,
    Returned,
    Unanswered,
)

PATIENCE = (0.5, 1.0)  # seconds until it asks again


@dataclass(kw_only=True)
class Client(Process):
    """Multi-Paxos, a client. Van Renesse and Altinbuken (2015), section 2: client and number tell commands apart.

    What it asks for and what it is answered, it announces as decisions: together they are the history that a
    linearizable service has to explain.
    """

    role: ClassVar[str] = "client"

    servers: tuple[Address, ...]
    number: int = 0  # of its last request
    request: Request | None = None  # that it waits for
    calls: tuple[Operation, ...] = ()  # what it will ask for then
    server: int = 0  # which of the servers it asks
    redirected: bool = False  # since it last waited: two servers that name each other must not keep it running

    @upon(Call)
    def call(self, call: Call, ctx: Context) -> None:
        """Its user has a wish."""
        self.calls += (call.operation,)
        if self.request is None:
            self.invoke(ctx)

    def invoke(self, ctx: Context) -> None:
        """The next of its wishes, under a number that it has never used."""
        operation, *later = self.calls
        self.calls = tuple(later)
        self.request = Request(ctx.me, self.number + 1, operation)
        ctx.force(self.request)  # with a number used twice, the new request would be taken for the old one
        self.restore(self.request)
        ctx.decide(Invoked(self.request))
        self.ask(ctx)

    def ask(self, ctx: Context) -> None:
        assert self.request is not None
        ctx.send(self.servers[self.server], self.request)
        ctx.set_timer(Unanswered(), *PATIENCE)

    @upon(Unanswered)
    def ask_another(self, silence: Unanswered, ctx: Context) -> None:
        """The request or its answer was lost, or that server is down or does not lead: the same to the next one."""
        self.server = (self.server + 1) % len(self.servers)
        self.redirected = False
        self.ask(ctx)

    @upon(Redirect)
    def follow(self, redirect: Redirect, ctx: Context) -> None:
        """Ask whom it was told to ask."""
        if self.request is not None and redirect.number == self.request.number and not self.redirected:
            self.server = self.servers.index(redirect.leader)
            self.redirected = True
            self.ask(ctx)

    @upon(Reply)
    def hear(self, reply: Reply, ctx: Context) -> None:
        """Done. The same answer may come twice."""
        if self.request is None or reply.number != self.request.number:
            return
        ctx.decide(Returned(self.request, reply))
        ctx.send(CLIENT, reply)
        ctx.cancel_timer(Unanswered())
        self.request, self.redirected = None, False
        if self.calls:
            self.invoke(ctx)

    def restore(self, record: Any) -> None:
        """Replay the journal: only the numbers used. What became of its last request it will never know."""
        if isinstance(record, Request):
            self.number = record.number
        else:
            super().restore(record)
