"""Plans: their list and page, and the acts on them up to execution.

What is done in a meeting is in `pages/meetings` and `pages/room`.
"""
