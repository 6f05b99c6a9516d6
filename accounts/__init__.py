"""Signing in: passwords judged and counted, locks, sessions, the profile; people and positions as kept.

The register of sign-ins that auditors read is a page of `pages/oversight`.
"""
