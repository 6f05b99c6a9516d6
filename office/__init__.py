"""What the committee's office makes of meetings: record, minutes, distribution, report, archive, statistics.

What pages show of them is in `pages/meetings/minutes` and `pages/oversight`.
"""
