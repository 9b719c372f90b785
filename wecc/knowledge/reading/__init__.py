"""Readers: browsing, asking and what is hot, each within what he may see."""
