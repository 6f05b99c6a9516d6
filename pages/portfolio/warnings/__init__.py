"""Warnings of a rise: the list, one with its reply, the office's monthly report, and the acts."""
