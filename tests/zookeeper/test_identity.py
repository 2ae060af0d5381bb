"""Who a client is, and what it may do by that."""

from dataclasses import dataclass

import pytest

from consensus_lab.zookeeper.acl import DigestProvider, IpProvider, SaslProvider, X509Provider
from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE, AccessList
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import (
    ACL,
    AuthPacket,
    ClientInfo,
    CreateRequest,
    GetACLRequest,
    GetACLResponse,
    GetSASLRequest,
    Id,
    SetSASLResponse,
    WhoAmIResponse,
)
from consensus_lab.zookeeper.settings import Settings
from tests.zookeeper.service import Client, Reply, Service

SUPER_DIGEST = "super:D/InIHSb7yEEbrWz8b9l71RjZJU="
SETTINGS = Settings(
    providers={
        "ip": IpProvider(),
        "digest": DigestProvider(SUPER_DIGEST),
        "sasl": SaslProvider(["admin"]),
        "x509": X509Provider(),
    }
)
NOBODY: AccessList = (ACL(31, Id("digest", "nobody:x")),)


@pytest.fixture
def service() -> Service:
    return Service(SETTINGS)


@pytest.fixture
def client(service: Service) -> Client:
    return service.client()


def authenticate(client: Client, scheme: str, token: bytes | None) -> Reply:
    return client.ask(OpCode.auth, AuthPacket(0, scheme, token), xid=-4)


def who(client: Client) -> list[tuple[str, str]]:
    infos: tuple[ClientInfo, ...] = client.ask(OpCode.who_am_i).read(WhoAmIResponse).client_info
    return [(info.auth_scheme, info.user) for info in infos]


def test_a_connection_starts_as_its_address(client: Client) -> None:
    assert who(client) == [("ip", "10.1.2.3")]


def test_several_auth_packets_add_up_and_only_users_are_told(client: Client) -> None:
    for user in (b"joe:x", b"joe:x", b"eve:y"):
        reply = authenticate(client, "digest", user)
        assert (reply.xid, reply.zxid, reply.error, reply.body) == (-4, 0, 0, b"")
    assert who(client) == [("ip", "10.1.2.3"), ("digest", "joe"), ("digest", "eve")]


@pytest.mark.parametrize(("scheme", "token"), [("nosuch", b"x"), ("sasl", b"x"), ("x509", b""), ("digest", None)])
def test_a_failed_auth_is_answered_with_its_xid_and_the_connection_closed(
    client: Client, scheme: str, token: bytes | None
) -> None:
    reply = authenticate(client, scheme, token)
    assert (reply.xid, reply.zxid, reply.error) == (-4, 0, -115)
    assert client.connection.closing


def test_an_auth_packet_that_is_none_cuts_the_connection_off(client: Client) -> None:
    client.send(OpCode.auth, b"x", xid=-4)
    assert client.replies() == []
    assert client.connection.closing


def test_auth_is_answered_ahead_of_writes_and_counts_for_what_comes_behind_it(service: Service, client: Client) -> None:
    service.slow = True
    acl = (ACL(31, Id("auth", "")),)
    client.send_all(
        (OpCode.create, CreateRequest("/before", b"", acl, 0)),
        (OpCode.auth, AuthPacket(0, "digest", b"joe:x")),
        (OpCode.create, CreateRequest("/behind", b"", acl, 0)),
    )
    assert [reply.xid for reply in client.replies()] == [2]
    service.sync()
    assert [(reply.xid, reply.error) for reply in client.replies()] == [(1, -114), (3, 0)]


def test_auth_in_a_list_stands_for_whom_the_client_proved_to_be(client: Client) -> None:
    authenticate(client, "digest", b"joe:x")
    client.create("/a", acl=(ACL(31, Id("auth", "")),))
    shown = client.ask(OpCode.get_acl, GetACLRequest("/a")).read(GetACLResponse)
    assert shown.acl == (ACL(31, Id("digest", DigestProvider().digest("joe:x"))),)
    assert client.get_data("/a").error == 0


def test_the_super_user_may_do_everything(client: Client) -> None:
    client.create("/a", acl=NOBODY)
    assert client.set_data("/a", b"").error == -102
    authenticate(client, "digest", b"super:test")
    assert client.set_data("/a", b"").error == 0
    assert client.get_data("/a").error == 0
    assert who(client)[1:] == [("super", ""), ("digest", "super")]


def test_a_list_of_an_address_lets_that_address_in(service: Service, client: Client) -> None:
    client.create("/a", acl=(ACL(31, Id("ip", "10.1.0.0/16")),))
    assert client.get_data("/a").error == 0
    assert service.client(address="10.2.0.1").get_data("/a").error == -102


def test_a_certificate_is_known_from_the_handshake(service: Service) -> None:
    client = service.client(ids=(Id("x509", "CN=joe"),))
    assert who(client) == [("ip", "10.1.2.3"), ("x509", "CN=joe")]
    assert client.create("/a", acl=(ACL(31, Id("auth", "")),)).error == 0
    assert authenticate(client, "x509", b"").error == 0


def test_where_permissions_are_skipped_everybody_may() -> None:
    service = Service(Settings(skip_acl=True))
    client = service.client()
    client.create("/a", acl=NOBODY)
    assert client.get_data("/a").error == 0
    assert client.create("/a/b").error == 0


# -- SASL, and schemes that are enforced -------------------------------------------------------------------------------


@dataclass
class Exchange:
    """Two steps: a name, then the word "open"."""

    authorization_id: str | None = None
    name: str = ""

    def evaluate(self, token: bytes) -> bytes | None:
        if token == b"open" and self.name:
            self.authorization_id = self.name
            return None
        if token == b"wrong":
            raise ValueError(token)
        self.name = token.decode()
        return b"challenge"


def step(client: Client, token: bytes) -> Reply:
    return client.ask(OpCode.sasl, GetSASLRequest(token))


def test_at_the_end_of_a_sasl_exchange_the_client_is_whom_it_proved_to_be(client: Client) -> None:
    client.connection.sasl = Exchange()
    reply = step(client, b"joe")
    assert (reply.zxid, reply.error, reply.read(SetSASLResponse).token) == (0, 0, b"challenge")
    assert who(client) == [("ip", "10.1.2.3")]
    assert step(client, b"open").read(SetSASLResponse).token is None
    assert who(client) == [("ip", "10.1.2.3"), ("sasl", "joe")]


def test_a_sasl_super_user_is_super(client: Client) -> None:
    client.connection.sasl = Exchange()
    step(client, b"admin")
    step(client, b"open")
    client.create("/a", acl=NOBODY)
    assert client.get_data("/a").error == 0


def test_a_failed_exchange_is_answered_and_the_connection_closed(client: Client) -> None:
    client.connection.sasl = Exchange()
    reply = step(client, b"wrong")
    assert (reply.error, reply.body) == (-115, b"\xff\xff\xff\xff")
    assert client.connection.closing


def test_without_sasl_a_token_is_answered_with_none(client: Client) -> None:
    assert step(client, b"joe").read(SetSASLResponse).token is None


@pytest.mark.parametrize("type", [OpCode.ping, OpCode.get_data, OpCode.create, OpCode.close_session, 99])
def test_where_a_scheme_is_enforced_nothing_is_answered_before_it(type: int) -> None:
    client = Service(Settings(enforced_schemes=frozenset({"digest"}))).client()
    reply = client.ask(type, CreateRequest("/", b"", OPEN_ACL_UNSAFE, 0))
    assert (reply.zxid, reply.error) == (0, -124)
    assert client.connection.closing


def test_where_a_scheme_is_enforced_its_clients_are_served_as_ever() -> None:
    service = Service(Settings(enforced_schemes=frozenset({"digest"})))
    client = service.client()
    client.send_all((OpCode.auth, AuthPacket(0, "digest", b"joe:x")), (OpCode.ping, None), (OpCode.who_am_i, None))
    assert [reply.error for reply in client.replies()] == [0, 0, 0]
    assert client.create("/a").error == 0


def test_a_failed_exchange_where_sasl_is_enforced_says_so() -> None:
    client = Service(Settings(enforced_schemes=frozenset({"sasl"}), providers=SETTINGS.providers)).client()
    client.connection.sasl = Exchange()
    assert step(client, b"wrong").error == -124
