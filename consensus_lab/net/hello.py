"""The hello that opens every connection, both ways: who speaks, to whom, in which protocol and which version of it."""

from __future__ import annotations

from dataclasses import dataclass

from consensus_lab.kernel import Address
from consensus_lab.net.codec import Codec
from consensus_lab.net.errors import FrameError

FORMAT = "consensus-lab net 1"
PLAIN = Codec({})
LONGEST = 4096  # bytes


@dataclass(frozen=True)
class Hello:
    """`version` is the fingerprint of the protocol's vocabulary; `life` is new each time a node is switched on."""

    protocol: str
    version: str
    sender: Address
    to: Address
    life: str

    def encode(self) -> bytes:
        return PLAIN.encode((FORMAT, self.protocol, self.version, self.sender, self.to, self.life))

    @classmethod
    def decode(cls, content: bytes) -> Hello:
        """Read one. Raises MalformedError for what is no hello of this format."""
        match PLAIN.decode(content):
            case (str(form), str(protocol), str(version), str(sender), str(to), str(life)) if form == FORMAT:
                return cls(protocol, version, sender, to, life)
            case other:
                raise FrameError(f"a connection opens with a hello of {FORMAT!r}, not with {str(other)[:60]!r}")

    def check(self, own: Hello, expected: Address | None) -> None:
        """Refuse a peer that we cannot talk to, or that is not whom we called. Raises FrameError saying why."""
        if self.protocol != own.protocol:
            raise FrameError(f"{self.sender} speaks {self.protocol}, and {own.sender} speaks {own.protocol}")
        if self.version != own.version:
            raise FrameError(f"{self.sender} and {own.sender} have different messages of {self.protocol}: update one")
        if self.to != own.sender:
            raise FrameError(f"{self.sender} looks for {self.to}, but this is {own.sender}")
        if expected is not None and self.sender != expected:
            raise FrameError(f"{own.sender} called {expected}, but {self.sender} answered")
