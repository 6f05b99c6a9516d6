"""The register of sign-ins, and the end of a lock.

How sign-ins are judged is in `accounts`.
"""
