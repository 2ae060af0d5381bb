"""Every setting this server obeys: its key, its kind and its default, as in the ZooKeeper administrator's guide.

A key as zoo.cfg writes it, if Apache names it there (server/quorum/QuorumPeerConfig.java); else the system property it
is, with ``zookeeper.`` in front (zoo.cfg may leave that away) or without (Apache takes those as -D only).
It refuses to know where a value came from: that is `config.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from consensus_lab.serve.values import (
    ADDRESS,
    COMPRESSION,
    COUNT,
    FILE,
    FLAG,
    FOLDER,
    INTERVAL,
    MILLISECONDS,
    MOST_LONG,
    PORT,
    TEXT,
    WORDS,
    YES_NO,
    Kind,
    choice,
    number,
)


def setting(key: str, kind: Kind, default: Any = None) -> Any:
    """A field that is set by this key."""
    return field(default=default, metadata={"key": key, "kind": kind})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one server was told. Times are in milliseconds unless a name says otherwise."""

    # -- where ---------------------------------------------------------------------------------------------------------
    data_dir: Path = setting("dataDir", FOLDER)
    data_log_dir: Path | None = setting("dataLogDir", FOLDER)
    client_port: int | None = setting("clientPort", PORT)
    client_port_address: str | None = setting("clientPortAddress", ADDRESS)
    secure_client_port: int | None = setting("secureClientPort", PORT)
    secure_client_port_address: str | None = setting("secureClientPortAddress", ADDRESS)
    listen_backlog: int = setting("clientPortListenBacklog", number(-1), -1)

    # -- sessions and limits -------------------------------------------------------------------------------------------
    tick_time: int = setting("tickTime", number(1), 3000)
    min_session_timeout: int = setting("minSessionTimeout", number(-1), -1)
    max_session_timeout: int = setting("maxSessionTimeout", number(-1), -1)
    max_client_cnxns: int = setting("maxClientCnxns", COUNT, 60)
    max_cnxns: int = setting("zookeeper.maxCnxns", COUNT, 0)
    sessionless_timeout: int = setting("zookeeper.nio.sessionlessCnxnTimeout", MILLISECONDS, 10_000)
    max_buffer: int = setting("jute.maxbuffer", number(1), 0xFFFFF)
    outstanding_limit: int = setting("zookeeper.globalOutstandingLimit", number(1), 1000)
    throttle_tokens: int = setting("zookeeper.connection_throttle_tokens", COUNT, 0)
    throttle_fill_time: int = setting("zookeeper.connection_throttle_fill_time", number(1), 1)
    throttle_fill_count: int = setting("zookeeper.connection_throttle_fill_count", number(1), 1)

    # -- files ---------------------------------------------------------------------------------------------------------
    snap_count: int = setting("zookeeper.snapCount", number(2), 100_000)
    snap_size_limit_kb: int = setting("zookeeper.snapSizeLimitInKb", number(-1, MOST_LONG), 4_194_304)
    log_size_limit_kb: int = setting("zookeeper.txnLogSizeLimitInKb", number(-1, MOST_LONG), -1)
    prealloc_kb: int = setting("zookeeper.preAllocSize", COUNT, 65_536)
    force_sync: bool = setting("zookeeper.forceSync", YES_NO, True)
    fsync_warning: int = setting("zookeeper.fsync.warningthresholdms", MILLISECONDS, 1000)
    max_batch_size: int = setting("zookeeper.maxBatchSize", COUNT, 1000)
    snapshot_compression: str = setting("zookeeper.snapshot.compression.method", COMPRESSION, "")
    trust_empty_snapshot: bool = setting("zookeeper.snapshot.trust.empty", FLAG, False)
    autocreate_data_dir: bool = setting("zookeeper.datadir.autocreate", FLAG, True)
    purge_retain: int = setting("autopurge.snapRetainCount", number(0), 3)
    purge_interval: int = setting("autopurge.purgeInterval", INTERVAL, 0)
    serialize_last_zxid: bool = setting("zookeeper.serializeLastProcessedZxid.enabled", FLAG, True)

    # -- what requests mean --------------------------------------------------------------------------------------------
    digest_enabled: bool = setting("zookeeper.digest.enabled", FLAG, True)
    extended_types: bool = setting("zookeeper.extendedTypesEnabled", FLAG, False)
    skip_acl: bool = setting("zookeeper.skipACL", YES_NO, False)
    enforce_quota: bool = setting("zookeeper.enforceQuota", FLAG, False)
    close_session_txn: bool = setting("zookeeper.closeSessionTxn.enabled", FLAG, True)
    super_digest: str | None = setting("zookeeper.DigestAuthenticationProvider.superDigest", TEXT)
    digest_algorithm: str = setting("zookeeper.DigestAuthenticationProvider.digestAlg", TEXT, "SHA1")
    digest_auth: bool = setting("zookeeper.DigestAuthenticationProvider.enabled", FLAG, True)
    x509_super_user: str | None = setting("zookeeper.X509AuthenticationProvider.superUser", TEXT)
    enforce_auth: bool = setting("zookeeper.enforce.auth.enabled", FLAG, False)
    enforce_auth_schemes: tuple[str, ...] = setting("zookeeper.enforce.auth.schemes", WORDS, ())
    require_sasl: bool = setting("zookeeper.sessionRequireClientSASLAuth", FLAG, False)
    read_only_mode: bool = setting("readonlymode.enabled", FLAG, False)
    container_interval: int = setting("znode.container.checkIntervalMs", number(1), 60_000)
    container_per_minute: int = setting("znode.container.maxPerMinute", number(1), 10_000)
    container_never_used: int = setting("znode.container.maxNeverUsedIntervalMs", number(0, MOST_LONG), 0)

    # -- faces for the operator ----------------------------------------------------------------------------------------
    four_letter_words: tuple[str, ...] | None = setting("zookeeper.4lw.commands.whitelist", WORDS)
    admin: bool = setting("zookeeper.admin.enableServer", FLAG, True)
    admin_address: str = setting("zookeeper.admin.serverAddress", ADDRESS, "0.0.0.0")
    admin_port: int = setting("zookeeper.admin.serverPort", PORT, 8080)
    admin_url: str = setting("zookeeper.admin.commandURL", TEXT, "/commands")
    admin_snapshot: bool = setting("zookeeper.admin.snapshot.enabled", FLAG, True)
    admin_restore: bool = setting("zookeeper.admin.restore.enabled", FLAG, True)
    admin_rate_interval: int = setting("zookeeper.admin.rateLimiterIntervalInMS", MILLISECONDS, 300_000)
    metrics_class: str | None = setting("metricsProvider.className", TEXT)
    metrics_address: str = setting("metricsProvider.httpHost", ADDRESS, "0.0.0.0")
    metrics_port: int = setting("metricsProvider.httpPort", PORT, 7000)

    # -- TLS and SASL --------------------------------------------------------------------------------------------------
    key_store: Path | None = setting("zookeeper.ssl.keyStore.location", FILE)
    key_store_password: str = setting("zookeeper.ssl.keyStore.password", TEXT, "")
    key_store_password_path: Path | None = setting("zookeeper.ssl.keyStore.passwordPath", FILE)
    key_store_type: str | None = setting("zookeeper.ssl.keyStore.type", TEXT)
    trust_store: Path | None = setting("zookeeper.ssl.trustStore.location", FILE)
    trust_store_type: str | None = setting("zookeeper.ssl.trustStore.type", TEXT)
    client_auth: str = setting("zookeeper.ssl.clientAuth", choice(need="need", want="want", none="none"), "need")
    tls_protocols: tuple[str, ...] = setting("zookeeper.ssl.enabledProtocols", WORDS, ())
    tls_protocol: str | None = setting("zookeeper.ssl.protocol", TEXT)
    cipher_suites: tuple[str, ...] = setting("zookeeper.ssl.ciphersuites", WORDS, ())
    jaas_file: Path | None = setting("java.security.auth.login.config", FILE)
    jaas_section: str = setting("zookeeper.sasl.serverconfig", TEXT, "Server")

    @property
    def timeouts(self) -> tuple[int, int]:
        """The least and the greatest session timeout that is granted (ms)."""
        least, most = self.min_session_timeout, self.max_session_timeout
        return 2 * self.tick_time if least == -1 else least, 20 * self.tick_time if most == -1 else most

    @property
    def snapshot_dir(self) -> Path:
        """Where snapshots are."""
        return self.data_dir / "version-2"

    @property
    def log_dir(self) -> Path:
        """Where transaction logs are."""
        return (self.data_log_dir or self.data_dir) / "version-2"


KINDS: dict[str, tuple[str, Kind]] = {of.metadata["key"]: (of.name, of.metadata["kind"]) for of in fields(Settings)}
"""Each key: the field that holds its value, and how it is read."""
