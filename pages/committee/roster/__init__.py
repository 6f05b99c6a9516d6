"""The roster: seats with holders and terms, the liaison's terms.

Accounts and positions are the administration's.
"""
