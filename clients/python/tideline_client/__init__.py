"""A typed client for Tideline's HTTP API: `from tideline_client import Client`."""

from tideline_client.client import Client
from tideline_client.stream import Heard

__all__ = ["Client", "Heard"]
