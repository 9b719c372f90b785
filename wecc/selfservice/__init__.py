"""Flows customers help themselves with, one for each tier."""
