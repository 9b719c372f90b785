"""The help page: browse, search and read the knowledge base on one page, with script or without."""

from wecc.help.pages import HelpPages

__all__ = ["HelpPages"]
