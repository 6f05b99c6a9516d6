"""The calendar of meetings; convening one and changing it (Art. 9, 15).

Sending the notice is an act beside, in `pages/meetings`.
"""
