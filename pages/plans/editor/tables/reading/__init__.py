"""How a sheet is read, a step a module: its choice, headings, units, merged cells, rows, notes.

`importing` takes the steps in their order; cells, units and values by themselves are in the folder above.
"""
