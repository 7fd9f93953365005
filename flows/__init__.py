"""The Prefect flows, one a file: the order of steps and what happens when one fails. Nothing else."""
