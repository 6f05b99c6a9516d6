"""Filtering, sorting and paging of lists, whatever their rows; each place of the site has its own lists."""
