"""Tables of loans and instalments from spreadsheets and texts: read, converted, shown, and then taken over.

The steps that take them over are in the folder above.
"""
