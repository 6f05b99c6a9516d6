"""What spreadsheets and tables as text say: their cells, the formats that show them, the units stated.

It knows no model and no field of ours. Which column is which field is said where a table is taken in.
"""
