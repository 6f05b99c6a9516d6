"""The pages: they read, and each shows what the person may see. Acting is on the same actions."""
