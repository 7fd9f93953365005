"""The doors to the world outside the database: child processes, debuggers, git, forges, the analysis queue."""
