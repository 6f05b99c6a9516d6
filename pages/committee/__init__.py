"""The roster and the regulation of a committee.

Meetings of the committee are in `pages/meetings`.
"""
