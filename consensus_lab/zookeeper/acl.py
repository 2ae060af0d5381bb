"""Who may do what: schemes of identity, and the access control lists that name them.

(Apache: server/auth/*.java, PrepRequestProcessor.fixupACL, ZooKeeperServer.checkACL.)
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Protocol

from consensus_lab.zookeeper.acl_cache import ANYONE, OPEN_ACL_UNSAFE, AccessList
from consensus_lab.zookeeper.errors import Code, KeeperError
from consensus_lab.zookeeper.records import ACL, Id

SUPER = Id("super", "")
"""Whoever has this id may do everything."""

Ids = tuple[Id, ...]
"""Who a connection is known to be: its address at least, and whatever it proved."""


class Provider(Protocol):
    """One scheme of identity. What proves an id is a matter of the scheme."""

    authenticated: bool
    """Whether an id of this scheme was proven, so that "auth" in a list may stand for it."""

    def authenticate(self, ids: Ids, token: bytes | None) -> Iterable[Id]:
        """The ids that an auth packet proves for a connection that is `ids` already; none if it proves nothing."""

    def is_valid(self, id: str) -> bool:
        """Whether a list may name this id."""

    def matches(self, id: str, expression: str) -> bool:
        """Whether a client with this id is meant by the id of a list."""


class IpProvider:
    """The client's address; a list may name an address or ``address/bits``."""

    authenticated = False

    def authenticate(self, ids: Ids, token: bytes | None) -> Iterable[Id]:
        return [id for id in ids if id.scheme == "ip"][:1]

    def is_valid(self, id: str) -> bool:
        return self._network(id) is not None

    def matches(self, id: str, expression: str) -> bool:
        network, address = self._network(expression), self._network(id)
        return network is not None and address is not None and address[0] in network

    @staticmethod
    @lru_cache(1024)
    def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
        _, slash, bits = text.partition("/")
        if slash and not bits.isdecimal():  # Python would take a mask, too
            return None
        try:
            return ipaddress.ip_network(text, strict=False)
        except ValueError:
            return None


class DigestProvider:
    """``user:password``, of which the server and its lists keep a hash.

    `super_digest` is the id that is super (DigestAuthenticationProvider.superDigest), `algorithm` one of hashlib's.
    """

    authenticated = True

    def __init__(self, super_digest: str | None = None, algorithm: str = "sha1") -> None:
        self._super_digest = super_digest
        self._algorithm = algorithm

    def authenticate(self, ids: Ids, token: bytes | None) -> Iterable[Id]:
        if token is None:
            return []
        digest = self.digest(token.decode("utf-8", "replace"))
        return [SUPER] * (digest == self._super_digest) + [Id("digest", digest)]

    def digest(self, user_and_password: str) -> str:
        """The id of a user: ``user:base64(hash(user:password))``."""
        user, _, _ = user_and_password.partition(":")
        return f"{user}:{b64encode(hashlib.new(self._algorithm, user_and_password.encode()).digest()).decode()}"

    def is_valid(self, id: str) -> bool:
        return len(id.rstrip(":").split(":")) == 2

    def matches(self, id: str, expression: str) -> bool:
        return id == expression


class X509Provider:
    """The subject of the client's certificate, which the TLS handshake proves before any request."""

    authenticated = True
    _NAME = re.compile(r"\s*[A-Za-z][\w.-]*\s*=\s*[^,=+]*([,+;]\s*[A-Za-z][\w.-]*\s*=\s*[^,=+]*)*")

    def __init__(self, super_user: str | None = None) -> None:
        self._super_user = super_user

    def identify(self, subject: str) -> Ids:
        """Who the holder of a certificate is."""
        return (Id("x509", subject), *([SUPER] if subject == self._super_user else []))

    def authenticate(self, ids: Ids, token: bytes | None) -> Iterable[Id]:
        return [id for id in ids if id.scheme == "x509"]

    def is_valid(self, id: str) -> bool:
        return self._NAME.fullmatch(id) is not None

    def matches(self, id: str, expression: str) -> bool:
        return id == expression


class SaslProvider:
    """The authorization id of a SASL exchange, which runs in requests of its own: an auth packet proves nothing."""

    authenticated = True

    def __init__(self, super_users: Iterable[str] = ()) -> None:
        self._super_users = frozenset(super_users)

    def identify(self, authorization_id: str) -> Ids:
        """Who has come to the end of an exchange."""
        return (Id("sasl", authorization_id), *([SUPER] if authorization_id in self._super_users else []))

    def authenticate(self, ids: Ids, token: bytes | None) -> Iterable[Id]:
        return ()

    def is_valid(self, id: str) -> bool:
        return bool(id)

    def matches(self, id: str, expression: str) -> bool:
        return id == expression


class EnsembleProvider:
    """No identity at all: the client names the ensemble it means, and is refused if this is another."""

    authenticated = False

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    def authenticate(self, ids: Ids, token: bytes | None) -> Iterable[Id]:
        named = not token or token.decode("utf-8", "replace") in self._names
        return ids[:1] if named else ()

    def is_valid(self, id: str) -> bool:
        return False

    def matches(self, id: str, expression: str) -> bool:
        return False


Providers = Mapping[str, Provider]


def user_of(id: Id, providers: Providers) -> str:
    """The part of an id that is a name: nothing of a secret, and nothing of a scheme that is not here."""
    if id.scheme not in providers:
        return ""
    name = id.id or ""
    return name.partition(":")[0] if id.scheme == "digest" else name


def fix_up(acl: AccessList | None, ids: Ids, providers: Providers) -> AccessList:
    """The list as it is stored: no entry twice, and "auth" replaced by whom the client proved to be.

    Raises KeeperError INVALIDACL for an empty list, an unknown scheme, or an id its scheme does not allow.
    """
    if acl is OPEN_ACL_UNSAFE:
        return acl
    stored = [entry for given in dict.fromkeys(acl or ()) for entry in _stored(given, ids, providers)]
    if not stored:
        raise KeeperError(Code.INVALIDACL)
    return tuple(stored)


def _stored(entry: ACL, ids: Ids, providers: Providers) -> list[ACL]:
    scheme, name = entry.id.scheme, entry.id.id
    if scheme is None or name is None:
        raise KeeperError(Code.INVALIDACL)
    if scheme == "auth":
        proven = [id for id in ids if _proven(id, providers)]
        if not proven:
            raise KeeperError(Code.INVALIDACL)
        return [ACL(entry.perms, id) for id in proven]
    if entry.id != ANYONE and not (scheme in providers and providers[scheme].is_valid(name)):
        raise KeeperError(Code.INVALIDACL)
    return [entry]


def _proven(id: Id, providers: Providers) -> bool:
    provider = providers.get(id.scheme or "")
    return provider is not None and provider.authenticated


def allows(acl: AccessList, perms: int, ids: Ids, providers: Providers) -> bool:
    """Whether a client that is all of `ids` has one of these permissions. An empty list allows everything."""
    if not acl or any(id.scheme == "super" for id in ids):
        return True
    return any(_means(entry.id, ids, providers) for entry in acl if entry.perms & perms)


def _means(meant: Id, ids: Ids, providers: Providers) -> bool:
    if meant == ANYONE:
        return True
    provider = providers.get(meant.scheme or "")
    return provider is not None and any(
        id.scheme == meant.scheme and provider.matches(id.id or "", meant.id or "") for id in ids
    )
