"""Notices: what people are told."""
