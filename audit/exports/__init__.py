"""Parts of the log as a folder or a ZIP that `audit/verify.py` checks without the site.

- manifest.json, what was asked for and what is in it; nobody has signed it
- checkpoint, the signed note with its cosignatures
- entries.jsonl, the entries in the order of their leaves, a canonical JSON object a line
- proofs/, of a part a tlog-proof an entry, of what follows a checkpoint the hashes of the tree before
- documents/, the files whose digests the entries hold, named by their checksums
- README.txt, in English and Chinese
"""
