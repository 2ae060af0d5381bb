"""The protocols of the course, pure: each a folder with its messages first, then a file per role, then its cast.

A protocol refuses to know sockets, clocks, disks, dice, and whether it is simulated, checked or run on real machines.
"""
