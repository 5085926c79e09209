"""The scripts, named after the report they stand for: each runs on its own as a module."""
