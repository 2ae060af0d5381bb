"""Who may do what, and how a list is stored."""

import pytest

from consensus_lab.zookeeper.acl import (
    SUPER,
    DigestProvider,
    EnsembleProvider,
    IpProvider,
    Provider,
    SaslProvider,
    X509Provider,
    allows,
    fix_up,
)
from consensus_lab.zookeeper.acl_cache import (
    LOST_ID,
    OPEN_ACL_UNSAFE,
    OPEN_ID,
    READ_ACL_UNSAFE,
    ReferenceCountedACLCache,
)
from consensus_lab.zookeeper.errors import Code, KeeperError
from consensus_lab.zookeeper.opcodes import Perms
from consensus_lab.zookeeper.records import ACL, Id

SUPER_TEST = "super:D/InIHSb7yEEbrWz8b9l71RjZJU="
PROVIDERS: dict[str, Provider] = {
    "ip": IpProvider(),
    "digest": DigestProvider(SUPER_TEST),
    "sasl": SaslProvider(["admin"]),
    "x509": X509Provider("CN=root"),
}
ADDRESS = Id("ip", "10.1.2.3")
JOE = Id("digest", "joe:x")


def entry(scheme: str | None, id: str | None, perms: int = Perms.ALL) -> ACL:
    return ACL(perms, Id(scheme, id))


def test_a_digest_is_the_user_and_the_base64_of_the_sha1() -> None:
    assert DigestProvider().digest("super:test") == SUPER_TEST


def test_who_knows_the_super_password_is_super_too() -> None:
    assert list(PROVIDERS["digest"].authenticate((), b"super:test")) == [SUPER, Id("digest", SUPER_TEST)]
    assert SUPER not in list(PROVIDERS["digest"].authenticate((), b"joe:x"))


@pytest.mark.parametrize(("id", "valid"), [("a:b", True), (":b", True), ("a", False), ("a:", False), ("a:b:c", False)])
def test_a_digest_id_has_two_parts(id: str, valid: bool) -> None:
    assert PROVIDERS["digest"].is_valid(id) is valid


@pytest.mark.parametrize(
    ("expression", "address", "matches"),
    [
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.1.2.4", False),
        ("10.1.0.0/16", "10.1.200.4", True),
        ("10.1.0.0/16", "10.2.0.1", False),
        ("10.1.2.3/0", "192.168.0.1", True),
        ("fe80::/10", "fe80::1", True),
        ("fe80::/10", "10.1.2.3", False),
        ("::1", "0:0:0:0:0:0:0:1", True),
    ],
)
def test_an_ip_id_is_an_address_or_an_address_and_bits(expression: str, address: str, matches: bool) -> None:
    assert PROVIDERS["ip"].is_valid(expression)
    assert PROVIDERS["ip"].matches(address, expression) is matches


@pytest.mark.parametrize(
    "id", ["", "10.1.2", "10.1.2.256", "10.1.2.3/33", "10.1.2.3/-1", "10.1.2.3/255.0.0.0", "host", "1::2::3"]
)
def test_what_is_no_address_is_no_ip_id(id: str) -> None:
    assert not PROVIDERS["ip"].is_valid(id)


def test_duplicates_are_removed_and_the_order_kept() -> None:
    joe, anyone = entry("digest", "joe:x"), entry("world", "anyone")
    assert fix_up((joe, anyone, joe), (ADDRESS,), PROVIDERS) == (joe, anyone)


@pytest.mark.parametrize(
    "acl",
    [
        None,
        (),
        (entry("world", "everybody"),),
        (entry("world", None),),
        (entry(None, "anyone"),),
        (entry("digest", "joe"),),
        (entry("ip", "nowhere"),),
        (entry("super", ""),),
        (entry("nosuch", "x"),),
        (entry("world", "anyone"), entry("ip", "nowhere")),
    ],
)
def test_a_list_that_is_empty_or_names_nobody_is_invalid(acl: tuple[ACL, ...] | None) -> None:
    with pytest.raises(KeeperError) as refusal:
        fix_up(acl, (ADDRESS, JOE), PROVIDERS)
    assert refusal.value.code is Code.INVALIDACL


def test_auth_expands_to_every_id_the_connection_proved_and_not_to_its_address() -> None:
    fixed = fix_up((entry("auth", "ignored", Perms.READ),), (ADDRESS, JOE, Id("sasl", "joe")), PROVIDERS)
    assert fixed == (entry("digest", "joe:x", Perms.READ), entry("sasl", "joe", Perms.READ))


def test_auth_is_invalid_for_who_proved_nothing() -> None:
    with pytest.raises(KeeperError):
        fix_up((entry("auth", ""),), (ADDRESS,), PROVIDERS)


def test_an_empty_list_allows_everything() -> None:
    assert allows((), Perms.ALL, (ADDRESS,), PROVIDERS)


def test_super_may_do_everything() -> None:
    assert allows((entry("digest", "joe:x"),), Perms.WRITE, (ADDRESS, SUPER), PROVIDERS)


def test_an_entry_counts_if_it_has_the_permission_and_means_the_client() -> None:
    acl = (entry("digest", "joe:x", Perms.READ), entry("ip", "10.1.2.3", Perms.WRITE))
    assert allows(acl, Perms.READ, (JOE,), PROVIDERS)
    assert not allows(acl, Perms.WRITE, (JOE,), PROVIDERS)
    assert allows(acl, Perms.WRITE, (ADDRESS,), PROVIDERS)
    assert not allows(acl, Perms.ADMIN, (ADDRESS, JOE), PROVIDERS)
    assert allows(acl, Perms.READ | Perms.ADMIN, (JOE,), PROVIDERS)


def test_world_is_everybody() -> None:
    assert allows(READ_ACL_UNSAFE, Perms.READ, (), {})
    assert not allows(READ_ACL_UNSAFE, Perms.WRITE, (), {})


def test_a_certificate_or_a_sasl_exchange_may_make_super() -> None:
    assert X509Provider("CN=root").identify("CN=root") == (Id("x509", "CN=root"), SUPER)
    assert X509Provider("CN=root").identify("CN=joe") == (Id("x509", "CN=joe"),)
    assert SaslProvider(["admin"]).identify("admin") == (Id("sasl", "admin"), SUPER)
    assert SaslProvider(["admin"]).identify("joe") == (Id("sasl", "joe"),)


def test_x509_ids_are_distinguished_names() -> None:
    assert PROVIDERS["x509"].is_valid("CN=joe, OU=people,O=org")
    assert not PROVIDERS["x509"].is_valid("joe")


def test_a_client_that_names_another_ensemble_is_refused() -> None:
    provider = EnsembleProvider(["mine"])
    assert list(provider.authenticate((ADDRESS,), b"mine"))
    assert not list(provider.authenticate((ADDRESS,), b"yours"))


def test_the_open_list_is_minus_one_only_for_who_gives_none() -> None:
    cache = ReferenceCountedACLCache()
    assert cache.use(None) == OPEN_ID
    assert cache[OPEN_ID] == OPEN_ACL_UNSAFE
    assert cache.use(OPEN_ACL_UNSAFE) == 1


def test_a_list_keeps_its_number_while_some_node_has_it_and_numbers_are_not_given_again() -> None:
    cache = ReferenceCountedACLCache()
    assert [cache.use(READ_ACL_UNSAFE), cache.use(READ_ACL_UNSAFE)] == [1, 1]
    cache.release(1)
    assert cache[1] == READ_ACL_UNSAFE
    cache.release(1)
    assert not cache.lists
    assert cache.use(READ_ACL_UNSAFE) == 2


def test_a_node_whose_list_is_not_in_the_snapshot_is_closed_to_everyone_until_the_log_tells_it() -> None:
    cache = ReferenceCountedACLCache()
    assert cache.reuse(1) == LOST_ID
    assert not allows(cache[LOST_ID], Perms.ALL, (ADDRESS,), PROVIDERS)
    assert cache.use(READ_ACL_UNSAFE) == 1
    cache.release(LOST_ID)
    assert cache[1] == READ_ACL_UNSAFE
    assert cache.reuse(OPEN_ID) == OPEN_ID


def test_lists_of_a_snapshot_keep_their_numbers_and_unused_ones_go() -> None:
    cache = ReferenceCountedACLCache()
    cache.restore(5, READ_ACL_UNSAFE)
    cache.restore(7, OPEN_ACL_UNSAFE)
    assert cache.reuse(5) == 5
    cache.purge_unused()
    assert cache.lists == {5: READ_ACL_UNSAFE}
    assert cache.use(OPEN_ACL_UNSAFE) == 8
