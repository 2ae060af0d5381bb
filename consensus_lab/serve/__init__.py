"""A ZooKeeper server around the pure service: its configuration, its files, its ports and its faces for the operator.

Sockets, files, clocks and threads are here and only here. What a request means is `consensus_lab.zookeeper`'s to say.
"""
