"""What ``envi`` tells of the machine, under Apache's keys: Java's are answered by what stands in their place here."""

from __future__ import annotations

import getpass
import os
import platform
import resource
import socket
import sys
import tempfile

from consensus_lab import __version__

SPOKEN = "3.9.5"
"""The version of Apache ZooKeeper whose client protocol, files and texts these are."""

VERSION = f"{SPOKEN}-consensus-lab-{__version__}, built on 2026-11-24 00:00 UTC"
"""As Apache tells it: a number that clients parse, a revision, a date."""

MIB = 1024 * 1024


def environment() -> list[tuple[str, str]]:
    """Keys and values, in Apache's order (Environment.java)."""
    return [
        ("zookeeper.version", VERSION),
        ("host.name", socket.getfqdn()),
        ("java.version", f"{platform.python_implementation()} {platform.python_version()}"),
        ("java.vendor", "Python Software Foundation"),
        ("java.home", sys.prefix),
        ("java.class.path", os.pathsep.join(sys.path)),
        ("java.library.path", os.environ.get("LD_LIBRARY_PATH", "")),
        ("java.io.tmpdir", tempfile.gettempdir()),
        ("java.compiler", "<NA>"),
        ("os.name", platform.system()),
        ("os.arch", platform.machine()),
        ("os.version", platform.release()),
        ("user.name", user_name()),
        ("user.home", os.path.expanduser("~")),
        ("user.dir", os.getcwd()),
        *memory(),
    ]


def user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as in many containers
        return str(os.getuid())


def memory() -> list[tuple[str, str]]:
    """Of the machine what is free, and of this process what it took at most and may take."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // MIB
    most = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // MIB
    taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return [("os.memory.free", f"{free}MB"), ("os.memory.max", f"{most}MB"), ("os.memory.total", f"{taken}MB")]
