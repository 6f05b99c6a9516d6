"""What each paper of the committee says: from rows and records to `documents.content.Content`.

Official wording has both languages beside each other where it stands, for whoever vets a paper reads both.
"""
