"""Operations: `wecc backup`, `wecc restore`, `wecc doctor`. Source: 3.2.2-11."""

from wecc.backup.command import add_parser

__all__ = ["add_parser"]
