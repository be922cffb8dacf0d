"""Every SELECT of the notify service."""
