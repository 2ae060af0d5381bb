"""Who a client is: by its certificate on the secure port, by SASL, and by what zoo.cfg says of the schemes."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest

from consensus_lab.kernel.bad_input import BadInput
from consensus_lab.serve.core_settings import core_settings
from consensus_lab.serve.errors import StoreError
from consensus_lab.serve.tls import openssl_name, subject_of
from consensus_lab.zookeeper.errors import Code
from consensus_lab.zookeeper.jute import decode
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import (
    ACL,
    CreateRequest,
    GetDataRequest,
    GetSASLRequest,
    Id,
    SetSASLResponse,
    WhoAmIResponse,
)
from tests.conftest import needs
from tests.serve.serving import config_in, serving
from tests.serve.test_sasl import JAAS, answer
from tests.serve.wire import OPEN, Closed, Wire

SASL = "authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that vouches for itself, and its key."""
    folder = tmp_path_factory.mktemp("store")
    key, certificate, store = folder / "key.pem", folder / "certificate.pem", folder / "store.pem"
    subject = "/C=XX/O=Lab, Inc./CN=client one"
    command = [needs("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-subj", subject, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)
    store.write_bytes(key.read_bytes() + certificate.read_bytes())
    return store


class SecureWire(Wire):
    """The same over TLS."""

    def __init__(self, port: int, store: Path, *, shows_itself: bool = True) -> None:
        super().__init__(port)
        context = ssl.create_default_context(cafile=str(store))
        if shows_itself:
            context.load_cert_chain(str(store))
        self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1")


def secure(store: Path) -> tuple[str, ...]:
    return (
        "secureClientPort=0",
        "secureClientPortAddress=127.0.0.1",
        f"ssl.keyStore.location={store}",
        f"ssl.trustStore.location={store}",
    )


def who(client: Wire) -> list[tuple[str, str]]:
    body = client.call(OpCode.who_am_i)[1]
    return [(info.auth_scheme, info.user) for info in decode(WhoAmIResponse, body).client_info]


def test_a_client_on_tls_is_known_by_the_subject_of_its_certificate(tmp_path: Path, store: Path) -> None:
    with serving(tmp_path, *secure(store)) as server, SecureWire(server.server.secure_port, store) as client:
        client.connect()
        assert who(client) == [("ip", "127.0.0.1"), ("x509", "CN=client one,O=Lab\\, Inc.,C=XX")]


def test_one_subject_may_be_super(tmp_path: Path, store: Path) -> None:
    line = r"X509AuthenticationProvider.superUser=CN=client one,O=Lab\\, Inc.,C=XX"  # \\ is one backslash in a zoo.cfg
    with serving(tmp_path, *secure(store), line) as server, SecureWire(server.server.secure_port, store) as client:
        client.connect()
        assert ("super", "") in who(client)


def test_a_client_without_a_certificate_is_turned_away_unless_it_may(tmp_path: Path, store: Path) -> None:
    with (
        serving(tmp_path / "need", *secure(store)) as server,
        SecureWire(server.server.secure_port, store, shows_itself=False) as client,
        pytest.raises((ssl.SSLError, Closed)),
    ):
        client.connect()
    with (
        serving(tmp_path / "none", *secure(store), "ssl.clientAuth=none") as server,
        SecureWire(server.server.secure_port, store, shows_itself=False) as client,
    ):
        client.connect()
        assert who(client) == [("ip", "127.0.0.1")]


def test_what_is_no_tls_on_the_secure_port_is_closed(tmp_path: Path, store: Path) -> None:
    with serving(tmp_path, *secure(store)) as server, Wire(server.server.secure_port) as client:
        client.socket.sendall(b"\0\0\0\x2d" + bytes(45))
        assert not client.read_all().startswith(b"\0\0\0%")


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ((), r"ssl\.keyStore\.location names no certificate and key"),
        (("ssl.keyStore.location=/k.jks",), r"/k\.jks: ssl\.keyStore is read as PEM only"),
        (("ssl.keyStore.location=/nowhere.pem",), r"/nowhere\.pem: the store cannot be used: .*No such file"),
    ],
)
def test_a_store_that_cannot_be_used_is_told(tmp_path: Path, lines: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence), serving(tmp_path, "secureClientPort=0", *lines):
        pass


@pytest.mark.parametrize(
    ("java", "openssl"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
        ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"),
        ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
    ],
)
def test_a_cipher_suite_is_known_by_its_java_name(java: str, openssl: str) -> None:
    assert openssl_name(java) == openssl


def test_a_subject_is_written_as_java_writes_it() -> None:
    subject = ((("countryName", "XX"),), (("organizationName", "a+b"),), (("commonName", "#one"),))
    assert subject_of({"subject": subject}) == "CN=\\#one,O=a\\+b,C=XX"


# -- SASL --------------------------------------------------------------------------------------------------------------


def jaas_in(folder: Path) -> str:
    path = folder / "jaas.conf"
    path.write_text(JAAS)
    return f"java.security.auth.login.config={path}"


def exchange(client: Wire, password: str) -> Code:
    """Both steps of DIGEST-MD5. Returns how the second was answered."""
    header, body = client.call(OpCode.sasl, GetSASLRequest(b""))
    assert header.err == Code.OK
    challenge = decode(SetSASLResponse, body).token
    assert challenge is not None
    header, _ = client.call(OpCode.sasl, GetSASLRequest(answer(challenge, password=password)))
    return Code(header.err)


def test_a_client_is_known_by_the_name_it_proves_over_sasl(tmp_path: Path) -> None:
    with serving(tmp_path, jaas_in(tmp_path), SASL) as server, Wire(server.port) as bob, Wire(server.port) as other:
        bob.connect()
        other.connect()
        assert exchange(bob, "bobsecret") == Code.OK
        assert who(bob) == [("ip", "127.0.0.1"), ("sasl", "bob")]
        mine = (ACL(31, Id("sasl", "bob")),)
        assert bob.call(OpCode.create, CreateRequest("/mine", b"", mine, 0))[0].err == Code.OK
        assert other.call(OpCode.get_data, GetDataRequest("/mine", False))[0].err == Code.NOAUTH


def test_a_wrong_password_ends_the_connection(tmp_path: Path) -> None:
    with serving(tmp_path, jaas_in(tmp_path)) as server, Wire(server.port) as client:
        client.connect()
        assert exchange(client, "guessed") == Code.AUTHFAILED
        assert client.read_all() == b""


def test_sasl_may_be_demanded_before_anything_else(tmp_path: Path) -> None:
    lines = (jaas_in(tmp_path), SASL, "sessionRequireClientSASLAuth=true")
    with serving(tmp_path, *lines) as server, Wire(server.port) as client, Wire(server.port) as bob:
        client.connect()
        refused = client.call(OpCode.create, CreateRequest("/a", b"", OPEN, 0))[0]
        assert refused.err == Code.SESSIONCLOSEDREQUIRESASLAUTH
        bob.connect()
        assert exchange(bob, "bobsecret") == Code.OK
        assert bob.call(OpCode.create, CreateRequest("/a", b"", OPEN, 0))[0].err == Code.OK


# -- schemes -----------------------------------------------------------------------------------------------------------


def test_the_schemes_are_those_that_the_configuration_names(tmp_path: Path) -> None:
    assert set(core_settings(config_in(tmp_path)).providers) == {"ip", "digest"}
    lines = (SASL, "secureClientPort=0", "DigestAuthenticationProvider.enabled=false")
    assert set(core_settings(config_in(tmp_path, *lines)).providers) == {"ip", "sasl", "x509"}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "authProvider.1=com.example.Mine",
            r"authProvider\.N is com\.example\.Mine, which is no scheme here",
        ),
        ("DigestAuthenticationProvider.digestAlg=MD4", "digestAlg is MD4; it takes SHA1"),
    ],
)
def test_a_scheme_or_an_algorithm_that_there_is_not_is_told(tmp_path: Path, line: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        core_settings(config_in(tmp_path, line))
