"""Which target holds which version, and bringing every target to it."""
