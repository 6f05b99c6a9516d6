"""The workout and recovery plan: its shape, its completeness, its balance, and the terms resolved.

One schema serves forms, rehearsals and imports. A draft may leave keys out; whatever it states must have the
right shape. A plan is complete when nothing is missing any more, and only then has typed ``terms``.
"""
