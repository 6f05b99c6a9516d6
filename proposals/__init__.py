"""Plans and their versions, screening, docket, credit approval and execution."""
