"""`python -m tests.integration.servicekit.host` hosts the probe service as servicekit.run hosts the real ones."""

from servicekit.run import run  # patches the standard library, so nothing may come before it
from tests.integration.servicekit.probe import Probe

run(Probe)
