"""Wiring only: settings, addresses, the application server, the database, what machines ask.

No rule of the regulation and no page is here.
"""
