"""What waits for a person, by role.

The pages that it leads to are in the other folders.
"""
