"""The pages of the audit log.

How entries are worded is in `web/log`.
"""
