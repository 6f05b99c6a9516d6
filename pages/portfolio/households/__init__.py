"""The page of a household: its loans, their classes over time, who answers for them, and its plans."""
