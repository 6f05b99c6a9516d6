"""What waits for a person: the sections of each role that the person has.

The pages that they lead to are in the other folders.
"""
