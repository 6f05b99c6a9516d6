"""Messages to a person and their mail.

Whom an act tells is said by the action.
"""
