"""The site for programs: each verb of the engine at an address of its own.

What a verb does is said where its action is.
"""
