"""Private notes of one person on one plan, read by nobody else.

What is said in a meeting is in `pages/room`.
"""
