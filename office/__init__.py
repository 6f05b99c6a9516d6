"""What needs all of it: desk, pages, minutes, archive, reports."""
