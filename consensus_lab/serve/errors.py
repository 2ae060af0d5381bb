"""What can go wrong around a server. Each error says whose fault it is; its text is a sentence for the operator.

ServeError
├── DataDirError      the operator's: a folder that is missing, not writable, or holds the wrong kind of file
├── DamagedError      the disk's: what was once made durable cannot be read; serving on would forget it
├── DiskError         the disk's: it refused a write or an fsync, so nothing is acknowledged any more
├── ListenError       the operator's: a port is taken
├── StoreError        the operator's: a TLS store or a jaas file that cannot be used
└── BrokenError       ours: a rule of this server raised, so what it knows is not to be trusted
"""

from __future__ import annotations


class ServeError(Exception):
    """The base of every error of `consensus_lab.serve`."""


class DataDirError(ServeError):
    """A folder cannot be used as it is."""


class DamagedError(ServeError):
    """A log or every snapshot is damaged."""


class DiskError(ServeError):
    """A write or an fsync failed. What the disk holds of it is unknown, so it is not tried again."""


class ListenError(ServeError):
    """A port cannot be listened on."""


class StoreError(ServeError):
    """A certificate store or a file of users cannot be used."""


class BrokenError(ServeError):
    """A mistake in this server. It stops rather than go on with half a change."""
