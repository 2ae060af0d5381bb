"""What each command of the admin server tells: facts by name, as Apache's commands put them into their JSON.

(Apache: server/admin/Commands.java.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from consensus_lab.serve import four_letter
from consensus_lab.serve.environment import VERSION, environment
from consensus_lab.serve.http import Request
from consensus_lab.serve.java_text import hexadecimal

if TYPE_CHECKING:
    from consensus_lab.serve.client_port import Client
    from consensus_lab.serve.standalone import Standalone

Facts = dict[str, Any]
Run = Callable[["Standalone", Request], Facts]


@dataclass(frozen=True, slots=True)
class Command:
    """Its names, the first of them in links; whether a server must be serving."""

    names: tuple[str, ...]
    run: Run
    needs_server: bool = True


def configuration(server: Standalone, request: Request) -> Facts:
    settings = server.settings
    return {
        "client_port": server.client_port,
        "data_dir": str(settings.snapshot_dir.absolute()),
        "data_log_dir": str(settings.log_dir.absolute()),
        "tick_time": settings.tick_time,
        "max_client_cnxns": settings.max_client_cnxns,
        "min_session_timeout": settings.timeouts[0],
        "max_session_timeout": settings.timeouts[1],
        "server_id": 0,
        "client_port_listen_backlog": settings.listen_backlog,
    }


def connections(server: Standalone, request: Request, *, brief: bool = False) -> Facts:
    plain = [connection_facts(server, client, brief=brief) for client in server.clients(secure=False)]
    return {
        "connections": plain,
        "secure_connections": [connection_facts(server, client, brief=brief) for client in server.clients(secure=True)],
    }


def connection_facts(server: Standalone, client: Client, *, brief: bool) -> Facts:
    """One connection (ServerCnxn.getConnectionInfo)."""
    connection = client.connection
    assert connection is not None
    facts: Facts = {
        "remote_socket_address": client.address.removeprefix("/"),
        "interest_ops": client.interest,
        "outstanding_requests": len(connection.pending),
        "packets_received": connection.received,
        "packets_sent": connection.sent,
    }
    if brief:
        return facts
    latency = connection.latency
    return facts | {
        "session_id": connection.session_id,
        "last_operation": four_letter.OPERATIONS.get(connection.last_operation, "UNKN"),
        "established": server.wall_time(connection.established),
        "session_timeout": connection.timeout,
        "last_cxid": connection.last_xid,
        "last_zxid": connection.last_zxid,
        "last_response_time": connection.last_response,
        "last_latency": latency.last,
        "min_latency": latency.min,
        "avg_latency": int(latency.average),
        "max_latency": latency.max,
    }


def dump(server: Standalone, request: Request) -> Facts:
    return {
        "expiry_time_to_session_ids": {str(k): [s.id for s in v] for k, v in sorted(server.buckets().items())},
        "session_id_to_ephemeral_paths": {str(k): list(v) for k, v in server.tree.ephemerals.items() if v},
    }


def last_snapshot(server: Standalone, request: Request) -> Facts:
    zxid, timestamp = server.last_snapshot
    return {"zxid": hexadecimal(zxid), "timestamp": timestamp}


def monitor(server: Standalone, request: Request) -> Facts:
    return {"version": VERSION, "server_state": server.mode, **dict(server.metrics.values())}


def set_trace_mask(server: Standalone, request: Request) -> Facts:
    told = request.query.get("traceMask")
    if told is None:
        return {"error": "setTraceMask requires long traceMask argument"}
    try:
        server.trace_mask = int(told)
    except ValueError:
        return {"error": f"setTraceMask requires long traceMask argument, got {told}"}
    return {"tracemask": server.trace_mask}


def server_stats(server: Standalone, request: Request) -> Facts:
    latency = server.latency
    stats = {
        "packets_sent": server.packets_sent,
        "packets_received": server.packets_received,
        "fsync_threshold_exceed_count": server.slow_syncs,
        "client_response_stats": {"last_buffer_size": -1, "min_buffer_size": -1, "max_buffer_size": -1},
        "provider_null": False,
        "min_latency": latency.min,
        "avg_latency": round(latency.average, 4),
        "max_latency": latency.max,
        "outstanding_requests": server.outstanding,
        "last_processed_zxid": server.zxid,
        "data_dir_size": server.data_dir_size,
        "log_dir_size": server.log_dir_size,
        "server_state": server.mode,
        "num_alive_client_connections": server.connection_count,
        "uptime": server.uptime,
    }
    response = stats["client_response_stats"]
    told = {"version": VERSION, "read_only": False, "server_stats": stats, "client_response": response}
    return told | {"node_count": server.tree.node_count}


def stats(server: Standalone, request: Request) -> Facts:
    return server_stats(server, request) | connections(server, request, brief=True)


def system_properties(server: Standalone, request: Request) -> Facts:
    """What is a secret stays one: anybody can ask this."""
    properties = sorted(server.config.properties.items())
    return {key: "***" if "password" in key.lower() else value for key, value in properties}


def digest_facts(zxid: int, digest: int) -> Facts:
    return {"zxid": zxid, "digest_version": 2, "digest": digest}


def watch_summary(server: Standalone, request: Request) -> Facts:
    found = server.tree.data_watches.summary()
    return {"num_connections": found.watchers, "num_paths": found.paths, "num_total_watches": found.watches}


def done(doing: Callable[[Standalone], object]) -> Run:
    """A command that only does something."""

    def run(server: Standalone, request: Request) -> Facts:
        doing(server)
        return {}

    return run


def told(telling: Callable[[Standalone], Facts]) -> Run:
    """A command that only tells something."""
    return lambda server, request: telling(server)


LIST = (
    Command(("connection_stat_reset", "crst"), done(lambda server: server.reset_connections())),
    Command(("configuration", "conf", "config"), configuration),
    Command(("connections", "cons"), connections),
    Command(("hash",), told(lambda server: {"digests": [digest_facts(*pair) for pair in server.digests]})),
    Command(("dirs",), told(lambda s: {"datadir_size": s.data_dir_size, "logdir_size": s.log_dir_size})),
    Command(("dump",), dump),
    Command(("environment", "env", "envi"), told(lambda server: dict(environment())), needs_server=False),
    Command(("get_trace_mask", "gtmk"), told(lambda server: {"tracemask": server.trace_mask}), needs_server=False),
    Command(("initial_configuration", "icfg"), told(lambda s: {"initial_configuration": s.config.initial})),
    Command(("is_read_only", "isro"), told(lambda server: {"read_only": False})),
    Command(("last_snapshot", "lsnp"), last_snapshot),
    Command(("leader", "lead"), told(lambda server: {"error": "server is not initialized"})),
    Command(("monitor", "mntr"), monitor, needs_server=False),
    Command(("observer_connection_stat_reset", "orst"), done(lambda server: None)),
    Command(("ruok",), done(lambda server: None)),
    Command(("set_trace_mask", "stmk"), set_trace_mask, needs_server=False),
    Command(("server_stats", "srvr"), server_stats),
    Command(("stats", "stat"), stats),
    Command(("stat_reset", "srst"), done(lambda server: server.reset_stats())),
    Command(("observers", "obsr"), told(lambda server: {"synced_observers": 0, "observers": []})),
    Command(("system_properties", "sysp"), system_properties, needs_server=False),
    Command(("voting_view",), told(lambda server: {"current_config": {}})),
    Command(("watches", "wchc"), told(lambda s: {"session_id_to_watched_paths": by_text(s.watches_by_session())})),
    Command(("watches_by_path", "wchp"), told(lambda s: {"path_to_session_ids": by_text(s.watches_by_path())})),
    Command(("watch_summary", "wchs"), watch_summary),
    Command(("zabstate",), told(lambda server: {"voting": False, "zabstate": ""}), needs_server=False),
)
COMMANDS = {name: command for command in LIST for name in command.names}
LINKS = [command.names[0] for command in LIST] + ["snapshot", "restore"]


def by_text(pairs: Any) -> dict[str, list[Any]]:
    """Keys of JSON are text."""
    return {str(key): list(values) for key, values in pairs}
