"""Tapes of a stock of loans that does not exist: for the demo, and for whoever tries the ledger out.

The same seed gives the same stock. A loan is a life (`lives.py`) whose row on a day is a function of the
day, so that tapes of any days fit together. Nobody is real: identity numbers begin with a region that is
none (99), names are a surname without a given name, and enterprises say that they are examples.
"""
