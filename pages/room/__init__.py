"""A meeting in session: presence, items, words, votes, the observer's page.

Counting is `voting`'s, and so are the sockets.
"""
