"""The editors' desk: categories, articles, review, import."""
