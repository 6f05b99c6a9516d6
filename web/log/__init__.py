"""The audit log as people read it: its streams, and what happened to one thing.

Writing and verifying it is `audit`'s.
"""
