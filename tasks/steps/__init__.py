"""The Prefect tasks, one module a stage: load, decide in the core, act through a client, save."""
