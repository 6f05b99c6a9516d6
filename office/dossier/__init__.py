"""The dossier of a decision: whether each of the 25 articles applied, what shows it, and whether it held.

Nothing is taken from a flag that says that a rule was kept: each article is judged anew from the records and
from the log, which are read once (`reading`). A module a subject has the judges of its articles.
"""
