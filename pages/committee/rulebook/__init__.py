"""The regulation article by article, and its amendment.

Its texts are in `regulation`.
"""
