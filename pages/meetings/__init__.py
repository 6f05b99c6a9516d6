"""Meetings: their list and page, and what is done before and after the session.

What is done in it is in `pages/room`.
"""
