"""What can go wrong between a node and the machine it runs on. Each error says whose fault it is.

NetError
├── CodecError
│   ├── UnencodableError     ours: a value that the vocabulary has no word for
│   └── MalformedError       theirs: bytes that say nothing in this vocabulary
│       └── FrameError       theirs: bytes that do not even keep to the framing, or a hello that does not fit
├── JournalError
│   ├── JournalInUseError    another process has this file open
│   ├── JournalCorruptError  the file is not what was once made durable: somebody must look
│   └── JournalFailedError   the disk refused; whether it holds the batch is unknown, so it is never tried again
├── ListenError              the port is taken
└── NodeFailedError          the node broke, and stopped rather than go on
"""

from __future__ import annotations

from pathlib import Path


class NetError(Exception):
    """The base of every error of `consensus_lab.net`. Its text is a sentence for people."""


class CodecError(NetError):
    """A value or its bytes do not fit the vocabulary."""


class UnencodableError(CodecError):
    """A value that cannot be written: the fault of the process that sent or forced it."""


class MalformedError(CodecError):
    """Bytes that cannot be read: the fault of whoever wrote them."""


class FrameError(MalformedError):
    """A frame that lies about its length, or a hello of another protocol."""


class JournalError(NetError):
    """Something about a journal file, named by `path`."""

    def __init__(self, path: Path, sentence: str) -> None:
        super().__init__(f"{path}: {sentence}")
        self.path = path


class JournalInUseError(JournalError):
    """Another process holds the lock of this journal."""


class JournalCorruptError(JournalError):
    """The file holds something else than what was written to it, from byte `offset` on."""

    def __init__(self, path: Path, offset: int, sentence: str) -> None:
        super().__init__(path, f"{sentence} (at byte {offset})")
        self.offset = offset


class JournalFailedError(JournalError):
    """A write or an fsync failed. Nobody knows what of it is on the disk, so the node must stop."""


class ListenError(NetError):
    """The node cannot listen on its port."""


class NodeFailedError(NetError):
    """The node has stopped because a rule raised or its disk failed."""
