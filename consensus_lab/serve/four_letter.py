"""The four-letter words: what an operator asks the client port in four bytes, answered in Apache's own lines.

(Apache: server/command/*.java, ServerStats.java, ServerCnxn.java.)
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from consensus_lab.serve.environment import VERSION, environment
from consensus_lab.serve.java_text import date, decimal, hexadecimal
from consensus_lab.zookeeper.opcodes import OpCode

if TYPE_CHECKING:
    from consensus_lab.serve.client_port import Client
    from consensus_lab.serve.standalone import Standalone

NOT_SERVING = "This ZooKeeper instance is not currently serving requests"
TELNET_CLOSE = b"\xff\xf4\xff\xfd"
MASK = struct.Struct(">q")

OPERATIONS = {
    OpCode.create_session: "SESS",
    OpCode.create: "CREA",
    OpCode.create2: "CRE2",
    OpCode.create_ttl: "CRTL",
    OpCode.create_container: "CREC",
    OpCode.delete: "DELE",
    OpCode.delete_container: "DELC",
    OpCode.exists: "EXIS",
    OpCode.get_data: "GETD",
    OpCode.set_data: "SETD",
    OpCode.sync: "SYNC",
    OpCode.ping: "PING",
    OpCode.close_session: "CLOS",
    OpCode.set_watches: "SETW",
    OpCode.set_watches2: "STW2",
    OpCode.add_watch: "ADDW",
    OpCode.multi: "MULT",
    OpCode.multi_read: "MLTR",
    OpCode.get_acl: "GETA",
    OpCode.set_acl: "SETA",
    OpCode.get_children: "GETC",
    OpCode.get_children2: "GETC",
    OpCode.get_all_children_number: "GETACN",
    OpCode.remove_watches: "REMW",
    OpCode.check_watches: "CHKW",
    OpCode.get_ephemerals: "GETE",
    OpCode.who_am_i: "HOMI",
    OpCode.error: "ERRO",
    0: "NA",
}
"""What ``cons`` calls the last operation of a connection (FinalRequestProcessor.java)."""

Answer = Callable[["Standalone", "Client"], str]


def allowed_words(whitelist: tuple[str, ...] | None, *, read_only_mode: bool) -> frozenset[str]:
    """The words that are answered: ``srvr`` always, the others by 4lw.commands.whitelist."""
    told = set(whitelist or ())
    words = set(WORDS) | {"stmk"} if "*" in told else told
    return frozenset(words | {"srvr"} | ({"isro"} if read_only_mode else set()))


def answer(server: Standalone, client: Client, word: bytes, rest: bytes) -> bytes | None:
    """What to say to a client whose first four bytes these are; None if they are no word."""
    if word == TELNET_CLOSE:
        return b""
    name = word.decode("latin-1")
    if name not in WORDS and name != "stmk":
        return None
    if name not in server.words:
        return f"{name} is not executed because it is not in the whitelist.\n".encode()
    server.note_word(client)
    if name == "stmk":
        told = set_mask(server, rest)
    elif not server.serving and name not in UNCONDITIONAL:
        told = f"{NOT_SERVING}\n"
    else:
        told = WORDS[name](server, client)
    server.note_word_answered()
    return told.encode()


def set_mask(server: Standalone, rest: bytes) -> str:
    """The trace mask, which traces nothing here but is kept."""
    if len(rest) >= MASK.size:
        (server.trace_mask,) = MASK.unpack_from(rest)
    return str(server.trace_mask)


def conf(server: Standalone, client: Client) -> str:
    return "".join(f"{key}={value}\n" for key, value in configuration(server))


def configuration(server: Standalone) -> Iterator[tuple[str, object]]:
    """What ``conf`` tells, in order (ZooKeeperServer.dumpConf)."""
    settings = server.settings
    yield "clientPort", server.client_port
    yield "secureClientPort", server.secure_port
    yield "dataDir", settings.snapshot_dir.absolute()
    yield "dataDirSize", server.data_dir_size
    yield "dataLogDir", settings.log_dir.absolute()
    yield "dataLogSize", server.log_dir_size
    yield "tickTime", settings.tick_time
    yield "maxClientCnxns", settings.max_client_cnxns
    yield "minSessionTimeout", settings.timeouts[0]
    yield "maxSessionTimeout", settings.timeouts[1]
    yield "clientPortListenBacklog", settings.listen_backlog
    yield "serverId", 0


def cons(server: Standalone, client: Client) -> str:
    lines = (connection_line(server, peer, brief=False, asking=peer is client) for peer in client.port.clients.values())
    return "".join(f"{line}\n" for line in lines) + "\n"


def connection_line(server: Standalone, peer: Client, *, brief: bool, asking: bool) -> str:
    """One connection; the one that asks waits for nothing (ServerCnxn.dumpConnectionInfo)."""
    connection = peer.connection
    assert connection is not None
    interest = 0 if asking else peer.interest
    line = f" {peer.address}[{interest:x}](queued={len(connection.pending)}"
    line += f",recved={connection.received},sent={connection.sent}"
    if connection.session is not None and not brief:
        line += f",sid=0x{hexadecimal(connection.session_id)},lop={OPERATIONS.get(connection.last_operation, 'UNKN')}"
        line += f",est={server.wall_time(connection.established)},to={connection.timeout}"
        if connection.last_xid >= 0:
            line += f",lcxid=0x{hexadecimal(connection.last_xid)}"
        latency = connection.latency
        line += f",lzxid=0x{hexadecimal(connection.last_zxid)},lresp={connection.last_response},llat={latency.last}"
        line += f",minlat={latency.min},avglat={int(latency.average)},maxlat={latency.max}"
    return f"{line})"


def crst(server: Standalone, client: Client) -> str:
    server.reset_connections()
    return "Connection stats reset.\n"


def dirs(server: Standalone, client: Client) -> str:
    return f"datadir_size: {server.data_dir_size}\nlogdir_size: {server.log_dir_size}\n"


def dump(server: Standalone, client: Client) -> str:
    """Sessions by when they expire, their ephemerals, and connections."""
    sessions = {expiry: [f"0x{hexadecimal(s.id)}" for s in bucket] for expiry, bucket in server.buckets().items()}
    told = f"SessionTracker dump:\nSession {sets(sessions)}ephemeral nodes dump:\n"
    ephemerals = {session: paths for session, paths in server.tree.ephemerals.items() if paths}
    told += f"Sessions with Ephemerals ({len(ephemerals)}):\n"
    for session, paths in ephemerals.items():
        told += f"0x{hexadecimal(session)}:\n" + "".join(f"\t{path}\n" for path in paths)
    return f"{told}Connections dump:\nConnections {sets(server.connection_sets(client.port))}"


def sets(buckets: dict[int, list[str]]) -> str:
    """Buckets of an expiry queue; their times are those of a clock that never goes back (ExpiryQueue.dump)."""
    told = f"Sets ({len(buckets)})/({sum(map(len, buckets.values()))}):\n"
    offset = time.time() * 1000 - time.monotonic() * 1000
    for expiry in sorted(buckets):
        told += f"{len(buckets[expiry])} expire at {date(expiry + offset)}:\n"
        told += "".join(f"\t{line}\n" for line in buckets[expiry])
    return told


def envi(server: Standalone, client: Client) -> str:
    return "Environment:\n" + "".join(f"{key}={value}\n" for key, value in environment())


def gtmk(server: Standalone, client: Client) -> str:
    return str(server.trace_mask)


def hash_(server: Standalone, client: Client) -> str:
    return "".join(f"{hexadecimal(zxid)}: {digest}\n" for zxid, digest in server.digests)


def isro(server: Standalone, client: Client) -> str:
    return "rw" if server.serving else "null"


def mntr(server: Standalone, client: Client) -> str:
    lines = [("version", VERSION), ("server_state", server.mode)]
    lines += [(name, decimal(value)) for name, value in server.metrics.values()]
    return "".join(f"zk_{name}\t{value}\n" for name, value in lines)


def ruok(server: Standalone, client: Client) -> str:
    return "imok"


def srst(server: Standalone, client: Client) -> str:
    server.reset_stats()
    return "Server stats reset.\n"


def srvr(server: Standalone, client: Client) -> str:
    return f"Zookeeper version: {VERSION}\n{server_stats(server)}"


def server_stats(server: Standalone) -> str:
    """Numbers of the whole server (ServerStats.toString)."""
    latency = server.latency
    return (
        f"Latency min/avg/max: {latency.min}/{decimal(round(latency.average, 4))}/{latency.max}\n"
        f"Received: {server.packets_received}\nSent: {server.packets_sent}\nConnections: {server.connection_count}\n"
        f"Outstanding: {server.outstanding}\nZxid: 0x{hexadecimal(server.zxid)}\nMode: {server.mode}\n"
        f"Node count: {server.tree.node_count}\n"
    )


def stat(server: Standalone, client: Client) -> str:
    lines = (connection_line(server, peer, brief=True, asking=peer is client) for peer in client.port.clients.values())
    listed = "".join(f"{line}\n" for line in lines)
    return f"Zookeeper version: {VERSION}\nClients:\n{listed}\n{server_stats(server)}"


def wchc(server: Standalone, client: Client) -> str:
    told = ""
    for session, paths in server.watches_by_session():
        told += f"0x{hexadecimal(session)}\n" + "".join(f"\t{path}\n" for path in paths)
    return f"{told}\n"


def wchp(server: Standalone, client: Client) -> str:
    told = ""
    for path, sessions in server.watches_by_path():
        told += f"{path}\n" + "".join(f"\t0x{hexadecimal(session)}\n" for session in sessions)
    return f"{told}\n"


def wchs(server: Standalone, client: Client) -> str:
    found = server.tree.data_watches.summary()
    return f"{found.watchers} connections watching {found.paths} paths\nTotal watches:{found.watches}\n"


WORDS: dict[str, Answer] = {
    word.__name__.rstrip("_"): word
    for word in (
        conf, cons, crst, dirs, dump, envi, gtmk, hash_, isro, mntr, ruok, srst, srvr, stat, wchc, wchp, wchs,
    )
}  # fmt: skip
UNCONDITIONAL = frozenset({"envi", "gtmk", "isro", "ruok", "stmk"})
"""Answered also by a server that serves nobody."""
