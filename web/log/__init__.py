"""The audit log as people read it: its streams, and the history of an object.

Writing and verifying it is in `audit`.
"""
