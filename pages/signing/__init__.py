"""Keys for signing, and the verification of signed files."""
