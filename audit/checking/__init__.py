"""Checks of the log in the database: its rows, its tree. What an export shows is for `audit/verify.py`."""
