"""The tapes: handed in with progress, their faults, released or given up, and what a late day changed."""
