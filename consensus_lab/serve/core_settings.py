"""What of a configuration concerns the service itself: limits, features, and the schemes by which clients are known.

(Apache: ProviderRegistry.java, and the system properties of each provider.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from consensus_lab.kernel.bad_input import BadInput
from consensus_lab.serve.config import Config
from consensus_lab.zookeeper.acl import (
    DigestProvider,
    EnsembleProvider,
    IpProvider,
    Provider,
    SaslProvider,
    X509Provider,
)
from consensus_lab.zookeeper.settings import Settings

PREFIX = "zookeeper.authProvider."
SUPER_USER = "zookeeper.superUser"
PACKAGE = "org.apache.zookeeper.server.auth."
ALGORITHMS = {"SHA1": "sha1", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def core_settings(config: Config) -> Settings:
    """The service's own settings. Raises BadInput for a provider or an algorithm that there is not."""
    told = config.settings
    return Settings(
        tick_time=told.tick_time,
        min_session_timeout=told.timeouts[0],
        max_session_timeout=told.timeouts[1],
        longest_frame=told.max_buffer,
        providers=providers(config),
        skip_acl=told.skip_acl,
        enforced_schemes=enforced_schemes(config),
        enforce_quota=told.enforce_quota,
        extended_types=told.extended_types,
        digest_enabled=told.digest_enabled,
        close_session_txn=told.close_session_txn,
        container_check_interval=told.container_interval,
        containers_per_minute=told.container_per_minute,
        container_never_used=told.container_never_used,
    )


def enforced_schemes(config: Config) -> frozenset[str]:
    """The schemes of which a client must use one before anything else (AuthenticationHelper.java)."""
    told = config.settings
    schemes = set(told.enforce_auth_schemes) if told.enforce_auth else set()
    return frozenset(schemes | ({"sasl"} if told.require_sasl else set()))


def providers(config: Config) -> Mapping[str, Provider]:
    """The schemes, by name: ip and digest, and what authProvider.N asks for; x509 comes with a secure port."""
    found: dict[str, Provider] = {"ip": IpProvider()}
    if config.settings.digest_auth:
        found["digest"] = digest(config)
    asked = [value for key, value in sorted(config.properties.items()) if key.startswith(PREFIX)]
    if config.settings.secure_client_port is not None:
        asked.append(f"{PACKAGE}X509AuthenticationProvider")
    for name in asked:
        if name not in MAKERS:
            raise BadInput(f"{PREFIX}N is {name}, which is no scheme here; it takes {', '.join(MAKERS)}")
        scheme, make = MAKERS[name]
        found[scheme] = make(config)
    return found


def digest(config: Config) -> Provider:
    algorithm = config.settings.digest_algorithm.upper()
    if algorithm not in ALGORITHMS:
        key = "DigestAuthenticationProvider.digestAlg"
        raise BadInput(f"{key} is {config.settings.digest_algorithm}; it takes {', '.join(ALGORITHMS)}")
    return DigestProvider(config.settings.super_digest, ALGORITHMS[algorithm])


def x509(config: Config) -> Provider:
    return X509Provider(config.settings.x509_super_user)


def sasl(config: Config) -> Provider:
    keys = [key for key in config.properties if key == SUPER_USER or key.startswith(f"{SUPER_USER}.")]
    return SaslProvider(config.properties[key] for key in keys)


def ensemble(config: Config) -> Provider:
    names = config.properties.get("zookeeper.ensembleAuthName", "")
    return EnsembleProvider(name.strip() for name in names.split(",") if name.strip())


MAKERS: dict[str, tuple[str, Callable[[Config], Provider]]] = {
    f"{PACKAGE}DigestAuthenticationProvider": ("digest", digest),
    f"{PACKAGE}X509AuthenticationProvider": ("x509", x509),
    f"{PACKAGE}SASLAuthenticationProvider": ("sasl", sasl),
    f"{PACKAGE}EnsembleAuthenticationProvider": ("ensemble", ensemble),
}
"""The classes that a configuration may name: their schemes, and what stands for them here."""
