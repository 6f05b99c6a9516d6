"""Lists as files: written at once, streamed, or built by the worker.

What a list holds is said where the list is.
"""
