"""The dossier of a decision: of each of the 25 articles whether it applied, what shows it, and whether it held.

Nothing is taken from a flag that says that a rule was kept: each article is judged anew from the records and
from the log (`plan_articles`, `meeting_articles`, `vote_articles`), which are read once (`case`).
"""
