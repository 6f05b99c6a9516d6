"""The audit log: one hash chain for each stream, written by `recording`, checked by `rows`, and as an export,
without the site, by `verify`.
"""
