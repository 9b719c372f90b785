"""The knowledge base: written and reviewed by staff, published to targets, searched by everybody."""
