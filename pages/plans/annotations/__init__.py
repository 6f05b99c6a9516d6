"""Private annotations and highlights of one person on plans and on pages of their files; that person's only.

They are no record of the committee: in no list, search, message or log. Their owner exports and erases them.
"""
