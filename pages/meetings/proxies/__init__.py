"""Authorising a proxy: whom and for what, then the letter (Art. 11).

Whom a proxy lets act is said in `committee`.
"""
