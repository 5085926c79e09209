"""Kills, full disks, forbidden folders and dead workers, and what must be left after them."""
