"""Consensus protocols to read, step, break and run: 2PC, 3PC, Paxos, leader election, ZAB, ZooKeeper.

The floors, an arrow pointing only down: kernel < protocols | sim, net, check < lab, serve, client < cli, tui, site.
This module holds the version and imports nothing, so that any floor can be used without the ones above it.
"""

__version__ = "0.1.0"
