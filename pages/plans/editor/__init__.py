"""The handler's editor of a plan: its steps, what is typed in them, what is missing, and the figures
beside.

What is typed is read leniently (1,234.56, 2026年3月5日) into a plan's document; `proposals.plan` judges it,
and each of its problems has the place of a field. Nothing here writes: saving is the action `amend`.
"""
