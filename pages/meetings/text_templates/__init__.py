"""Texts that a committee's office begins with: places, what its notices add, narratives of minutes.

What is sent or saved keeps its own text: a template that is changed later changes nothing of it.
"""
