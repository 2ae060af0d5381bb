"""The real world: messages as bytes on TCP, records as bytes on a disk, and the host that runs one node between them.

Sockets, files, clocks and chance live here, and so no protocol does: what a node may send, and when, is the kernel's
say. Every promise of the simulated world is asked of this one too, by the suite in `tests/conformance`.
"""
