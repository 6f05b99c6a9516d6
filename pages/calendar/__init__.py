"""Meetings for calendar programs (RFC 5545).

The calendar of meetings as a page is in `pages/meetings/convening`.
"""
