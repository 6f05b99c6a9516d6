"""Finding plans and meetings by number, name and text.

How one list is filtered is said where the list is.
"""
