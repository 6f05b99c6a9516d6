"""Files that anybody brings: looked at apart from the site."""
