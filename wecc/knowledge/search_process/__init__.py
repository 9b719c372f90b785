"""The process that holds the index, and asking it."""
