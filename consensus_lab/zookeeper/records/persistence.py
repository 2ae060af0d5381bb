"""What opens a file of the data directory, as in `org.apache.zookeeper.server.persistence`."""

from __future__ import annotations

from consensus_lab.zookeeper.jute import Int, Long, record


@record
class FileHeader:
    magic: Int
    version: Int
    dbid: Long
