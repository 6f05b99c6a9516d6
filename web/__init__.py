"""How any page is made, of whatever subject: viewer, shell, offers, forms that act once, lists, exports,
labels, charts, the log as people read it.

What is about one subject belongs into that subject's folder of `pages`.
"""
