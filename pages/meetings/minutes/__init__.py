"""The papers of a meeting after its session: notice, minutes, copies, report, file.

What they say comes from `office.record`.
"""
