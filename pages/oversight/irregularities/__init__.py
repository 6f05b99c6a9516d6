"""What an auditor looks at first: exceptions that the regulation allows, and what went wrong."""
