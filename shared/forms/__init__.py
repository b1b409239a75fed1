"""Formats of form tools: how their files and webhooks read. No domain knowledge."""
