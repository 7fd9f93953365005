"""The crash database: Postgres is the truth and the queue. One query module for each noun; SQL for people is in views."""
