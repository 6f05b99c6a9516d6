"""Signing in: passwords judged and counted, locks, sessions, the profile.

The register that auditors read is a page of `pages/oversight`.
"""
