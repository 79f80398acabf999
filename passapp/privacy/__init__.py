"""A person's data: see, export, erase, purge."""
