"""Figures by branch and period, and the cases behind each.

Figures of one plan are on its page.
"""
