"""Importing this makes the standard library green; every process of the suite imports it before anything else."""

import eventlet

eventlet.monkey_patch()
