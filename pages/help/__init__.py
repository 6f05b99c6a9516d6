"""Help in the product: the guides of the reader's roles, what a page is for, and the keys.

The guides themselves are in `docs/guides/`.
"""
