"""Private notes of one person on one plan, visible to that person only.

What is said in a meeting is in `pages/room`.
"""
