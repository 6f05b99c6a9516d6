"""The screen on the wall, shown by a link.

What persons see of the session is in the folder above.
"""
