"""What resolutions ask for afterwards: assigned, reported on and confirmed; of one plan, and all of them."""
