"""Messages to a person, and their mail.

The action decides who gets a message.
"""
