"""Saving the database with the files that it names, and restoring both: `manage.py backup` and `restore`.

lianxi-20260305T010203Z/
    SHA256SUMS      the checksum of every other file; written last
    manifest.json   when, of which versions and roles, the rows of each table, files that were missing
    heads.jsonl     the head of each stream of the audit log: stream, sequence number, hash
    database.dump   the database, by pg_dump in its custom format
    public/         the certificates and revocation lists by which signatures are verified
    media/          what lies below MEDIA_ROOT, without what is being received or can be drawn again
"""
