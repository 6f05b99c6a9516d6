"""The site as an installed app: manifest, worker for the shell, and pushes of what is due now (RFC 8030).

A push says no more than that something waits; what it is, the page tells whoever may see it.
"""
