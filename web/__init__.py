"""What pages of all subjects share: viewer, shell, offers, idempotent forms, lists, exports, labels, charts,
the log as people read it.

What is about one subject belongs into that subject's folder of `pages`.
"""
