"""Sockets: python-socketio behind a guard, one dispatcher for every request, notices across workers.

Only web processes have a `server`; every process has a `fanout`.
"""
