"""Dockets (拟上会名单): those filed, and the filing of one.

The agenda of a meeting is in `pages/meetings/convening`.
"""
