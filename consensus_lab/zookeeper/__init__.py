"""A ZooKeeper server as pure thought: requests come in with their time, replies and log records come out.

No sockets, files, clocks or dice: those are of `consensus_lab.serve`. Facts are those of Apache ZooKeeper 3.9.
"""
