"""The papers of a meeting in the order of its agenda, and who has read them (Art. 10).

Minutes and report are in `pages/meetings/minutes`.
"""
