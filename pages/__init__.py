"""The site for people: a folder a place of the navigation, each with its addresses, views, forms and acts.

What all pages do alike is in `web`; what an act does is in the actions of the lower packages.
"""
