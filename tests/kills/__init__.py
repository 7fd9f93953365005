"""What is left of a fix when something is killed in its middle: one row for each victim and state."""
