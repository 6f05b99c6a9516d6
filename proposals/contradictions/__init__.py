"""What in a plan belies something else in it: for whoever reads it in two minutes.

Pure: a plan in, a list of contradictions out, in the order of `rules`. None of them refuses anything;
each names the places that do not agree, so that one asks before the vote and not after it. Of a draft, what
is not stated yet contradicts nothing.
"""
