"""The admin server: GET /commands/NAME, answered in Apache's JSON; snapshots for whoever proves to have every right.

(Apache: server/admin/Commands.java, JettyAdminServer.java, JsonOutputter.java.)
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from consensus_lab.serve.admin_commands import COMMANDS, LINKS, Facts
from consensus_lab.serve.four_letter import NOT_SERVING
from consensus_lab.serve.http import Request, Response
from consensus_lab.serve.java_text import hexadecimal
from consensus_lab.zookeeper.opcodes import Perms
from consensus_lab.zookeeper.records import Id
from consensus_lab.zookeeper.snapshot import SnapshotError

if TYPE_CHECKING:
    from consensus_lab.serve.standalone import Standalone


class Refused(Exception):
    """A command is answered by this status, and by an error where there is something to say."""

    def __init__(self, status: int, error: str | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


class AdminServer:
    """Answers the requests of one server's operators."""

    def __init__(self, server: Standalone) -> None:
        self._server = server
        self._url = server.settings.admin_url.rstrip("/")
        self._next_allowed = {"snapshot": 0.0, "restore": 0.0}  # on the clock that never goes back, seconds

    async def handle(self, request: Request) -> Response:
        """One request (CommandServlet.doGet and doPost)."""
        name = request.path.removeprefix(self._url)
        if name == request.path or (name and not name.startswith("/")):
            return Response(b"", status=404)
        name = name.removeprefix("/")
        if not name:
            links = (f'<a href="{self._url}/{link}">{link}</a>\n<br/>\n' for link in sorted(LINKS))
            return Response("".join(links).encode(), "text/html;charset=iso-8859-1")
        return await self._answer(name, request)

    async def _answer(self, name: str, request: Request) -> Response:
        special = SPECIAL.get(name)
        command = COMMANDS.get(name)
        primary = command.names[0] if command else special or name
        try:
            if command is None and special is None:
                raise Refused(200, f"Unknown command: {name}")
            if not self._server.serving and (command is None or command.needs_server):
                raise Refused(200, NOT_SERVING)
            if special is not None:
                self._authorize(request)
                return await GUARDED[special](self, request)
            assert command is not None
            if request.method != "GET":
                raise Refused(405)
            return in_json(primary, command.run(self._server, request))
        except Refused as refused:
            return in_json(primary, {}, refused.error, refused.status)

    def _authorize(self, request: Request) -> None:
        """Whoever is in the Authorization header has every right on the root (Commands.handleAuthorization)."""
        told = request.headers.get("authorization")
        if told is None:
            raise Refused(401, "Auth info is missing for the command")
        scheme, _, token = told.partition(" ")
        ids = self._server.prove(scheme, token.encode(), Id("ip", request.address))
        if not ids:
            raise Refused(401, "Not authenticated")
        if not self._server.may("/", Perms.ALL, ids):
            raise Refused(403, "Not authorized")

    def _limit_rate(self, name: str) -> None:
        """Once in admin.rateLimiterIntervalInMS."""
        now = time.monotonic()
        if now < self._next_allowed[name]:
            self._server.metrics.counters[f"{name}_rate_limited_count"].add()
            raise Refused(429)
        self._next_allowed[name] = now + self._server.settings.admin_rate_interval / 1000

    async def _snapshot(self, request: Request) -> Response:
        if not self._server.settings.admin_snapshot:
            raise Refused(503)
        if not self._server.settings.serialize_last_zxid:
            raise Refused(500)
        self._limit_rate("snapshot")
        try:
            path, zxid = await self._server.take_snapshot()
            data = path.read_bytes()
        except OSError as error:
            self._server.metrics.counters["snapshot_error_count"].add()
            raise Refused(500) from error
        headers = {"last_zxid": f"0x{hexadecimal(zxid)}", "snapshot_size": str(len(data))}
        if request.query.get("streaming", "true").lower() != "true":
            return in_json("snapshot", {}, headers=headers)
        return Response(data, "application/octet-stream", headers=headers)

    async def _restore(self, request: Request) -> Response:
        if not self._server.settings.admin_restore:
            raise Refused(503)
        if not self._server.settings.serialize_last_zxid:
            raise Refused(500)
        if request.method != "POST":
            raise Refused(405)
        self._limit_rate("restore")
        try:
            zxid = await self._server.restore(await request.read_body())
        except SnapshotError as error:
            self._server.metrics.counters["restore_error_count"].add()
            raise Refused(500, str(error)) from error
        return in_json("restore", {"last_zxid": zxid})


GUARDED: dict[str, Callable[[AdminServer, Request], Awaitable[Response]]] = {
    "snapshot": AdminServer._snapshot,
    "restore": AdminServer._restore,
}
SPECIAL = {"snapshot": "snapshot", "snap": "snapshot", "restore": "restore", "rest": "restore"}


def in_json(
    name: str, facts: Facts, error: str | None = None, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Facts with the command's name and its error, indented as Jackson indents (JsonOutputter.java)."""
    told = {**facts, "command": name, "error": facts.get("error", error)}
    text = json.dumps(told, indent=2, ensure_ascii=False, separators=(",", " : "))
    return Response(text.encode(), "application/json", status, headers or {})
