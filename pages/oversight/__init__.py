"""What auditors, head office and Risk departments watch.

What they do to a plan or a meeting is in those folders.
"""
