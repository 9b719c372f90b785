"""WECC, a web-enabled contact center."""
