"""Snapshots of what the rules make of crash texts, with the reasons."""
