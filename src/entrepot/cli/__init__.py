"""The command `entrepot`. It wires nothing itself: every command is one of app's, or one reading query."""

from entrepot.cli.front import app, main

__all__ = ["app", "main"]
