"""The room screen, opened by a link.

What persons see of the session is in the folder above.
"""
