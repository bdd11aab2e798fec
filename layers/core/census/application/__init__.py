"""Use cases, one a file, named like the function that does the work."""
