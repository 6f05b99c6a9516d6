"""The database: the embedded PostgreSQL with its launcher, keeper and server, its roles, throw-away copies.

Tables and rights by table are in `config/tables.py`, migrations in their packages.
"""
