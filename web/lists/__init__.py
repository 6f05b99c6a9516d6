"""Filtering, sorting and paging of lists; each place of the site defines its own lists."""
