"""Contradictions within a plan, listed for readers with little time.

Pure functions: from a plan to a list of contradictions, in the order of `rules`. None of them is a refusal;
each names the places that disagree, so that they can be clarified before the vote. In a draft, fields not
stated yet contradict nothing.
"""
