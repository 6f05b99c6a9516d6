"""Lists as files: streamed at once, or built by the worker.

The content of a list is defined at the list.
"""
