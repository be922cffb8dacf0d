"""The verbs of the notify service, one module per aggregate."""
