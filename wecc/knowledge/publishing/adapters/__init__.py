"""Where copies of articles go. Source: 3.2.2-12."""

from wecc.knowledge.publishing.adapters.directory import Directory
from wecc.knowledge.publishing.adapters.webdav import WebDav

__all__ = ["Directory", "WebDav"]
