"""SASL DIGEST-MD5 as RFC 2831 says, with the users of a jaas file."""

from __future__ import annotations

from pathlib import Path

import pytest

from consensus_lab.serve.errors import StoreError
from consensus_lab.serve.jaas import parse_jaas, read_users
from consensus_lab.serve.sasl import DigestMd5, SaslError, directives, response

JAAS = """
// users of this server
Server {
    org.apache.zookeeper.server.auth.DigestLoginModule required
    user_super="admin secret" user_bob=bobsecret;
};
Client { com.example.OtherModule optional user_eve="x"; };
"""
USERS = {"bob": "bobsecret", "super": "admin secret"}


def answer(challenge: bytes, user: str = "bob", password: str = "bobsecret", **changed: str) -> bytes:
    """What a client says to a challenge."""
    said = {"username": user, "realm": directives(challenge)["realm"], "nonce": directives(challenge)["nonce"]}
    said |= {"nc": "00000001", "cnonce": "c", "digest-uri": "zookeeper/zk-sasl-md5", "qop": "auth"}
    said |= {name.replace("_", "-"): value for name, value in changed.items()}
    said["response"] = response(said, password, "AUTHENTICATE")
    return ",".join(f'{name}="{value}"' for name, value in said.items()).encode()


def test_the_example_of_the_rfc_comes_out() -> None:
    said = {"username": "chris", "realm": "elwood.innosoft.com", "nonce": "OA6MG9tEQGm2hh", "cnonce": "OA6MHXh6VqTrRk"}
    said |= {"nc": "00000001", "digest-uri": "imap/elwood.innosoft.com", "qop": "auth"}
    assert response(said, "secret", "AUTHENTICATE") == "d388dad90d4bbd760a152321f2143af7"
    assert response(said, "secret", "") == "ea40f60335c427b5527b84dbabcdfffd"


def test_who_knows_the_password_is_believed_and_gets_proof_back() -> None:
    server = DigestMd5(USERS)
    challenge = server.evaluate(b"")
    assert directives(challenge)["algorithm"] == "md5-sess"
    assert server.evaluate(answer(challenge)).startswith(b"rspauth=")
    assert server.authorization_id == "bob"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"password": "wrong"}, "the password of 'bob' is another one"),
        ({"user": "eve"}, "there is no user 'eve'"),
        ({"nonce": "old"}, "another challenge"),
        ({"nc": "00000002"}, "another challenge"),
        ({"realm": "elsewhere"}, "the answer is for the realm 'elsewhere'"),
        ({"qop": "auth-conf"}, "TLS is there for that"),
        ({"authzid": "super"}, "a user may not act as another one"),
    ],
)
def test_anybody_else_is_not(changed: dict[str, str], sentence: str) -> None:
    server = DigestMd5(USERS)
    challenge = server.evaluate(b"")
    with pytest.raises(SaslError, match=sentence):
        server.evaluate(answer(challenge, **changed))
    assert server.authorization_id is None


@pytest.mark.parametrize("token", [b"", b"\xff", b"username", b'username="bob"', b"a=b,a=b"])
def test_what_is_no_answer_is_refused(token: bytes) -> None:
    server = DigestMd5(USERS)
    server.evaluate(b"")
    with pytest.raises(SaslError):
        server.evaluate(token)


def test_a_jaas_file_names_users_by_section() -> None:
    assert parse_jaas(JAAS, "jaas.conf") == {"Server": USERS, "Client": {}}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Server [ };", "{ is expected where [ stands"),
        ("Server { Module required", "a module's options have no end"),
        ('Server { Module required user_a="b', "jaas.conf, line 1: a quotation mark is never closed"),
        ("Server { Module required user_a b; };", "= is expected where b stands"),
        ("Server { Module required;", "the section Server has no end"),
    ],
)
def test_a_slip_in_it_is_told(text: str, sentence: str) -> None:
    with pytest.raises(StoreError) as told:
        parse_jaas(text, "jaas.conf")
    assert sentence in str(told.value)


def test_a_missing_section_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "jaas.conf").write_text(JAAS)
    with pytest.raises(StoreError, match="there is no section Main; there are: Server, Client"):
        read_users(tmp_path / "jaas.conf", "Main")
    with pytest.raises(StoreError, match=r"nowhere\.conf: the jaas file cannot be read"):
        read_users(tmp_path / "nowhere.conf", "Server")
