"""Reads zoo.cfg and $JVMFLAGS as Apache does, into `Settings`; a value that cannot be gets a sentence.

Apache makes any key that it does not know a system property ``zookeeper.KEY`` (QuorumPeerConfig.parseProperties), so a
slip in a key goes unnoticed there. Here it is obeyed in the same way, and listed by `strangers` for the log.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from consensus_lab.kernel.bad_input import BadInput
from consensus_lab.serve.properties import Property, flags, read_properties
from consensus_lab.serve.settings import KINDS, Settings
from consensus_lab.serve.values import FLAG, MOST_LONG, PORT, Kind, choice, number

QUORUM_KEYS: dict[str, Kind | None] = {
    "initLimit": number(1),
    "syncLimit": number(1),
    "connectToLearnerMasterLimit": number(0),
    "electionAlg": Kind(number(3, 3).read, "3, the only election there is"),
    "peerType": choice(participant="participant", observer="observer"),
    "syncEnabled": FLAG,
    "quorumListenOnAllIPs": FLAG,
    "observerMasterPort": PORT,
    "localSessionsEnabled": FLAG,
    "localSessionsUpgradingEnabled": FLAG,
    "standaloneEnabled": FLAG,
    "reconfigEnabled": FLAG,
    "dynamicConfigFile": None,
    "sslQuorum": FLAG,
    "portUnification": FLAG,
    "sslQuorumReloadCertFiles": FLAG,
    "quorum.auth.enableSasl": FLAG,
    "quorum.auth.serverRequireSasl": FLAG,
    "quorum.auth.learnerRequireSasl": FLAG,
    "quorum.auth.learner.saslLoginContext": None,
    "quorum.auth.server.saslLoginContext": None,
    "quorum.auth.kerberos.servicePrincipal": None,
    "quorum.cnxn.threads.size": number(1),
    "multiAddress.enabled": FLAG,
    "multiAddress.reachabilityCheckTimeoutMs": number(0),
    "multiAddress.reachabilityCheckEnabled": FLAG,
    "oraclePath": None,
    "jvm.pause.monitor": FLAG,
    "jvm.pause.info-threshold.ms": number(0, MOST_LONG),
    "jvm.pause.warn-threshold.ms": number(0, MOST_LONG),
    "jvm.pause.sleep.time.ms": number(0, MOST_LONG),
}
"""What Apache reads besides, with its kind: looked at here too, though one server alone makes no use of it."""

SERVER_KEY = re.compile(r"server\.[0-9]+")
FREE_KEYS = re.compile(r"(server|group|weight)\.|metricsProvider\.")


@dataclass(frozen=True)
class Config:
    """The settings, every system property as Apache would have it, and the keys that nobody here knows."""

    settings: Settings
    properties: Mapping[str, str]
    strangers: tuple[str, ...] = ()
    path: Path | None = None
    initial: str = ""


def read_config(path: Path, jvmflags: str = "") -> Config:
    """The configuration in this file. Raises BadInput for what cannot be, with file, line and what is allowed."""
    given = read_properties(path)
    config = understand(given, flags(jvmflags))
    if config.settings.data_dir is None:
        raise BadInput(f"{path}: dataDir is not set; it names a folder, as in dataDir=/var/lib/zookeeper")
    refuse_ensemble(given, path)
    check_ports(config.settings, path)
    check_timeouts(config.settings, path)
    return replace(config, path=path, initial="".join(f"{p.key}={p.value}\n" for p in given))


def embedded_config(environment: Mapping[str, str]) -> Config:
    """Without a file: port 2181 on loopback, data under the user's state folder, no HTTP port."""
    home = environment.get("XDG_STATE_HOME") or os.path.join(environment.get("HOME") or "~", ".local", "state")
    data = Path(home).expanduser() / "consensus-lab" / "zookeeper"
    config = understand([], flags(environment.get("JVMFLAGS", "")))
    settings = config.settings
    defaults: dict[str, Any] = {"client_port": 2181, "client_port_address": "127.0.0.1"}
    if "zookeeper.admin.enableServer" not in config.properties:
        defaults["admin"] = False
    return replace(config, settings=replace(settings, data_dir=data, **defaults))


def understand(given: Iterable[Property], told: Iterable[Property]) -> Config:
    """Settings out of what a file gives and what flags tell. A system property set by the file wins, as with Apache."""
    values: dict[str, Any] = {}
    system: dict[str, str] = {}
    strangers = []
    for item in told:
        system[item.key] = item.value
        if item.key in KINDS:
            take(item, item.key, values)
    for item in last_of_each(given):
        key = known_as(item.key)
        if key in KINDS:
            take(item, key, values)
        elif item.key in QUORUM_KEYS:
            look_at(item, QUORUM_KEYS[item.key])
        elif not FREE_KEYS.match(item.key):
            strangers.append(f"{item.key} ({item.where})")
        if key.startswith("zookeeper.") or (key not in KINDS and item.key not in QUORUM_KEYS):
            system[key if key in KINDS else f"zookeeper.{item.key}"] = item.value
    return Config(Settings(**values), system, tuple(strangers))


def last_of_each(given: Iterable[Property]) -> Iterable[Property]:
    """A key given twice counts where it stands last, as in a java.util.Properties."""
    return {item.key: item for item in given}.values()


def known_as(key: str) -> str:
    """The key in `KINDS` that a key of zoo.cfg means: itself, or the system property that Apache makes of it."""
    return key if key in KINDS and not key.startswith("zookeeper.") else f"zookeeper.{key}"


def take(item: Property, key: str, values: dict[str, Any]) -> None:
    """Read a value of a known key into its field."""
    name, kind = KINDS[key]
    values[name] = look_at(item, kind)


def look_at(item: Property, kind: Kind | None) -> Any:
    """The value, if it is one of this kind."""
    if kind is None:
        return item.value
    try:
        return kind.read(item.value)
    except ValueError:
        raise BadInput(f"{item.where}: {item.key} is {item.value!r}; it takes {kind.allowed}") from None


def refuse_ensemble(given: Iterable[Property], path: Path) -> None:
    """Several servers, each for itself, would each be another truth. One is served alone, as Apache serves it."""
    values = {item.key: item for item in given}
    dynamic = values.get("dynamicConfigFile")
    if dynamic is not None:
        values |= {item.key: item for item in read_properties(Path(dynamic.value))}
    servers = [item for item in values.values() if SERVER_KEY.fullmatch(item.key)]
    alone = values.get("standaloneEnabled")
    if len(servers) > 1:
        raise BadInput(
            f"{servers[1].where}: {servers[1].key} makes an ensemble of {len(servers)}; one server is served"
        )
    if servers and alone is not None and alone.value.lower() == "false":
        raise BadInput(f"{alone.where}: standaloneEnabled is false; one server is served here, and it stands alone")


def check_ports(settings: Settings, path: Path) -> None:
    """An address needs its port, and somebody must be served."""
    for port, address, name in (
        (settings.client_port, settings.client_port_address, "clientPort"),
        (settings.secure_client_port, settings.secure_client_port_address, "secureClientPort"),
    ):
        if address is not None and port is None:
            raise BadInput(f"{path}: {name}Address is set but {name} is not")
    if settings.client_port is None and settings.secure_client_port is None:
        raise BadInput(f"{path}: neither clientPort nor secureClientPort is set, so nobody could be served")


def check_timeouts(settings: Settings, path: Path) -> None:
    """The least session timeout is not above the greatest."""
    least, most = settings.timeouts
    if least > most:
        raise BadInput(f"{path}: minSessionTimeout ({least} ms) must not be larger than maxSessionTimeout ({most} ms)")
