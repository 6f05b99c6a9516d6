"""Comments at the fields of a plan: threads between the liaison and the handling institution (Art. 14).

They are shown to these two sides and to whoever sees the plan's drafts, and to nobody else: the committee
decides on the plan as it was submitted.
"""
