"""The files of a plan: given in, read page by page, downloaded.

How they are drawn and stored is `proposals`' matter.
"""
