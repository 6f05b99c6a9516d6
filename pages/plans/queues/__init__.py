"""Plans that wait for one office, and the board of all by stage.

The acts on them are beside, in `pages/plans`.
"""
