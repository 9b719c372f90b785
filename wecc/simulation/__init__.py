"""Routing under a virtual clock: `wecc simulate`. What decides is the very function library of the center."""

from wecc.simulation.command import add_parser

__all__ = ["add_parser"]
