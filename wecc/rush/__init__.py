"""`wecc rush`: visitors of all tiers, in bursts, and scripted agents, at a running demo, to watch the wallboard by.

Everything goes the way of real people: sign-in by HTTP, sockets, signed identity tokens.
"""

from wecc.rush.command import add_parser

__all__ = ["add_parser"]
