"""The API for programs: each verb of the engine at an address of its own.

What a verb does is documented at its action.
"""
