"""Subcommands of `liaison` beyond the stack's own."""
