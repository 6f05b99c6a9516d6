"""The pages: each shows what the person may see, and acts through the actions alone."""
