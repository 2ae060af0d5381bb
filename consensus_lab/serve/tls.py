"""TLS on the secure client port: the stores that zoo.cfg names, as PEM files, into an ssl context.

Of Apache's kinds of stores only PEM is read: a JKS or PKCS12 store is refused in a sentence that says what to do.
(Apache: X509Util.java, PEMFileLoader.java, X509AuthenticationProvider.java.)
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from consensus_lab.serve.errors import StoreError
from consensus_lab.serve.settings import Settings

VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}
CLIENT_AUTH = {"need": ssl.CERT_REQUIRED, "want": ssl.CERT_OPTIONAL, "none": ssl.CERT_NONE}
ATTRIBUTES = {
    "commonName": "CN",
    "countryName": "C",
    "localityName": "L",
    "stateOrProvinceName": "ST",
    "streetAddress": "STREET",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "domainComponent": "DC",
    "userId": "UID",
}


def server_context(settings: Settings) -> ssl.SSLContext:
    """The context of the secure port. Raises StoreError."""
    if settings.key_store is None:
        raise StoreError("secureClientPort is set, but ssl.keyStore.location names no certificate and key")
    refuse_other_kinds(settings.key_store, settings.key_store_type, "keyStore")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    password = password_of(settings)
    load(settings.key_store, lambda: context.load_cert_chain(str(settings.key_store), password=password))
    context.verify_mode = CLIENT_AUTH[settings.client_auth]
    if settings.trust_store is not None:
        refuse_other_kinds(settings.trust_store, settings.trust_store_type, "trustStore")
        load(settings.trust_store, lambda: context.load_verify_locations(str(settings.trust_store)))
    elif settings.client_auth != "none":
        context.load_default_certs(ssl.Purpose.CLIENT_AUTH)
    choose_versions(context, settings)
    choose_ciphers(context, settings)
    return context


def refuse_other_kinds(path: Path, kind: str | None, name: str) -> None:
    """A store is PEM if its type says so, or else its name (KeyStoreFileType.java)."""
    if (kind or path.suffix.lstrip(".")).upper() == "PEM":
        return
    raise StoreError(
        f"{path}: ssl.{name} is read as PEM only (ssl.{name}.type=PEM, or a name in .pem); "
        "openssl pkcs12 -in STORE.p12 -nodes -out STORE.pem makes one of a PKCS12 store"
    )


def password_of(settings: Settings) -> str:
    """The password of the private key."""
    if settings.key_store_password_path is None:
        return settings.key_store_password
    try:
        return settings.key_store_password_path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise StoreError(f"{error.filename}: the password cannot be read: {error.strerror}") from error


def load(path: Path, loading: Any) -> None:
    try:
        loading()
    except (OSError, ssl.SSLError) as error:
        raise StoreError(f"{path}: the store cannot be used: {error}") from error


def choose_versions(context: ssl.SSLContext, settings: Settings) -> None:
    """TLS 1.2 and 1.3 unless told otherwise; older ones are refused."""
    told = settings.tls_protocols or ((settings.tls_protocol,) if settings.tls_protocol else tuple(VERSIONS))
    chosen = [VERSIONS[name] for name in told if name in VERSIONS]
    if not chosen:
        raise StoreError(f"ssl.enabledProtocols is {','.join(told)}; it takes {' and '.join(VERSIONS)}")
    context.minimum_version, context.maximum_version = min(chosen), max(chosen)


def choose_ciphers(context: ssl.SSLContext, settings: Settings) -> None:
    """The suites of TLS 1.2, named as Java or as OpenSSL names them; those of 1.3 are OpenSSL's own choice."""
    suites = [openssl_name(suite) for suite in settings.cipher_suites]
    older = [suite for suite in suites if not suite.startswith("TLS_")]
    if not older:
        return
    try:
        context.set_ciphers(":".join(older))
    except ssl.SSLError as error:
        raise StoreError(
            f"ssl.ciphersuites names none that is known here: {', '.join(settings.cipher_suites)}"
        ) from error


def openssl_name(suite: str) -> str:
    """TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 is ECDHE-RSA-AES128-GCM-SHA256; a suite of TLS 1.3 keeps its name."""
    if "_WITH_" not in suite:
        return suite
    name = suite.removeprefix("TLS_").replace("_WITH_", "_").replace("AES_128", "AES128").replace("AES_256", "AES256")
    return name.replace("CHACHA20_POLY1305_SHA256", "CHACHA20_POLY1305").replace("_", "-")


def subject_of(certificate: dict[str, Any]) -> str:
    """A certificate's subject as Java prints it (RFC 2253: the last part first): the id of the scheme x509."""
    parts = [f"{ATTRIBUTES.get(name, name)}={escape(value)}" for ((name, value),) in certificate.get("subject", ())]
    return ",".join(reversed(parts))


def escape(value: str) -> str:
    """What would be read as a mark of the notation itself."""
    escaped = "".join(f"\\{letter}" if letter in ',+"\\<>;=' else letter for letter in value)
    return f"\\{escaped}" if escaped[:1] in (" ", "#") else escaped
