"""SASL DIGEST-MD5, the server's side (RFC 2831), as the JDK's provider speaks it for ZooKeeper.

First comes a challenge, to any token; then the client's answer, which is right or wrong. One object serves one attempt.
Which connection it belongs to, and what its user may do, is not known here. (Apache: ZooKeeperSaslServer.java,
SaslServerCallbackHandler.java.)
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import md5
from hmac import compare_digest
from secrets import token_bytes

REALM = "zk-sasl-md5"
DIRECTIVE = re.compile(r'\s*([A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^,\s"]*))\s*(?:,|$)')
NEEDED = ("username", "nonce", "cnonce", "nc", "digest-uri", "response")


class SaslError(ValueError):
    """The client is not who it says, or says it in a way that is no DIGEST-MD5."""


class DigestMd5:
    """One attempt of one client to say who it is."""

    def __init__(self, users: Mapping[str, str]) -> None:
        self._users = users
        self._nonce = b64encode(token_bytes(30)).decode()
        self._challenged = False
        self.authorization_id: str | None = None

    def evaluate(self, token: bytes) -> bytes:
        """The server's next token. Raises SaslError; when `authorization_id` is set, the client is that one."""
        if not self._challenged:
            self._challenged = True
            return f'realm="{REALM}",nonce="{self._nonce}",charset=utf-8,algorithm=md5-sess'.encode()
        if self.authorization_id is not None:
            raise SaslError("the client has said already who it is")
        said = directives(token)
        self._check(said)
        password = self._users.get(said["username"])
        if password is None:
            raise SaslError(f"there is no user {said['username']!r}")
        if not compare_digest(said["response"], response(said, password, "AUTHENTICATE")):
            raise SaslError(f"the password of {said['username']!r} is another one")
        self.authorization_id = said.get("authzid") or said["username"]
        return f"rspauth={response(said, password, '')}".encode()

    def _check(self, said: Mapping[str, str]) -> None:
        missing = [name for name in NEEDED if name not in said]
        if missing:
            raise SaslError(f"the answer leaves out {', '.join(missing)}")
        if said["nonce"] != self._nonce or said["nc"] != "00000001":
            raise SaslError("the answer is to another challenge")
        if said.get("realm", "") not in ("", REALM):
            raise SaslError(f"the answer is for the realm {said['realm']!r}; here is {REALM!r}")
        if said.get("qop", "auth") != "auth":
            raise SaslError("the client asks for protection of its messages, and TLS is there for that")
        if said.get("authzid", said["username"]) != said["username"]:
            raise SaslError("a user may not act as another one")


def directives(token: bytes) -> dict[str, str]:
    """The ``name=value`` pairs of an answer. Raises SaslError."""
    try:
        text = token.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SaslError("the answer is no text") from error
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = DIRECTIVE.match(text, at)
        if match is None or match[1].lower() in found:
            raise SaslError("the answer is no list of directives, each given once")
        found[match[1].lower()] = match[3] if match[2] is None else re.sub(r"\\(.)", r"\1", match[2])
        at = match.end()
    return found


def response(said: Mapping[str, str], password: str, method: str) -> str:
    """What proves the password (RFC 2831, 2.1.2.1); with an empty `method` what proves it back."""
    secret = md5(f"{said['username']}:{said.get('realm', '')}:{password}".encode()).digest()
    a1 = secret + f":{said['nonce']}:{said['cnonce']}".encode()
    if said.get("authzid"):
        a1 += f":{said['authzid']}".encode()
    a2 = f"{method}:{said['digest-uri']}".encode()
    middle = f"{said['nonce']}:{said['nc']}:{said['cnonce']}:{said.get('qop', 'auth')}"
    return md5(f"{md5(a1).hexdigest()}:{middle}:{md5(a2).hexdigest()}".encode()).hexdigest()
