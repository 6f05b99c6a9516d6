"""The regulation of the joint committee as values: its articles, its numbers, its refusals. Pure Python."""
