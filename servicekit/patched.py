"""Importing this makes the standard library green; every process of the suite imports it before anything else."""

import os

# eventlet's own resolver takes 0.7 s of CPU to import in each process. Without it a look-up of a name blocks the
# process, which is fine for a broker or database; where strangers choose the names (webhooks), a thread does it.
os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")

import eventlet

eventlet.monkey_patch()
