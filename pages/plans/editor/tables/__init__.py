"""Tables of loans and instalments from spreadsheets and texts: read, converted, told, and only then taken.

The steps into which they go are in the folder above.
"""
