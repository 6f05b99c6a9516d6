"""What waits for each role, a module each, and what several of them share.

A new role is its module here and its line in `desks`.
"""
