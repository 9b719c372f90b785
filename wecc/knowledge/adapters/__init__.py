"""Where copies of articles go. Source: 3.2.2-12."""

from wecc.knowledge.adapters.directory import Directory
from wecc.knowledge.adapters.webdav import WebDav

__all__ = ["Directory", "WebDav"]
