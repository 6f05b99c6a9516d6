"""Signing in: passwords and their throttle, locks, sessions, the profile, the administrator's site.

The register of sign-ins that auditors read is a page of `pages/oversight`.
"""
