"""The little of HTTP/1.1 that an operator's tools need: one request a connection, a handler, one answer.

What a path means is the handler's to say. A request that is too long, too slow or none at all ends its connection only.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

from consensus_lab.serve.errors import ListenError

LONGEST_HEAD = 16 * 1024  # bytes
PATIENCE = 30.0  # seconds, for the head of a request to be there, and for its answer to be taken
PATIENCE_FOR_BODY = 600.0  # seconds


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. Names of headers are in lower case; the body is taken in only when it is read."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    address: str  # the client's
    read_body: Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered."""

    body: bytes
    content_type: str = "text/plain;charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class BadRequest(Exception):
    """No HTTP that is understood here."""


Handler = Callable[[Request], Awaitable[Response]]


class HttpServer:
    """Listens on one port until it is stopped. `longest_body` is in bytes."""

    def __init__(self, handler: Handler, *, longest_body: int = 0) -> None:
        self._handler = handler
        self._longest_body = longest_body
        self._server: asyncio.Server | None = None

    async def start(self, address: str, port: int, *, tls: ssl.SSLContext | None = None) -> int:
        """Listen. Returns the port. Raises ListenError."""
        try:
            self._server = await asyncio.start_server(self._serve, address, port, limit=LONGEST_HEAD, ssl=tls)
        except OSError as error:
            raise ListenError(f"{address}:{port} cannot be listened on: {error.strerror or error}") from error
        listening: int = self._server.sockets[0].getsockname()[1]
        return listening

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                request = await self._read(reader, writer.get_extra_info("peername")[0])
            response = await self._handler(request)
            async with asyncio.timeout(PATIENCE):
                writer.write(encoded(response))
                await writer.drain()
        except (BadRequest, OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass  # whoever asks like this gets no answer
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, address: str) -> Request:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, headers = parse_head(head)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._longest_body:
            raise BadRequest(f"a body of {length} bytes, where {self._longest_body} are allowed")

        async def read_body() -> bytes:
            async with asyncio.timeout(PATIENCE_FOR_BODY):
                return await reader.readexactly(int(length))

        url = urlsplit(target)
        query = dict(reversed(parse_qsl(url.query, keep_blank_values=True)))  # the first of a name counts
        return Request(method, unquote(url.path), query, headers, address, read_body)


def parse_head(head: bytes) -> tuple[str, str, dict[str, str]]:
    """Method, target and headers of a request. Raises BadRequest."""
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise BadRequest("no request line of HTTP/1")
    pairs = (line.partition(":") for line in lines if line)
    return words[0], words[1], {name.strip().lower(): value.strip() for name, _, value in pairs}


def encoded(response: Response) -> bytes:
    """An answer as it goes on the wire."""
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = ""
    headers = {"Content-Type": response.content_type, "Content-Length": str(len(response.body)), "Connection": "close"}
    lines = [f"HTTP/1.1 {response.status} {phrase}", *(f"{k}: {v}" for k, v in {**headers, **response.headers}.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + response.body
