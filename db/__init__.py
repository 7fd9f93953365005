"""The crash database: Postgres is the truth and the queue. One query module a noun; views for people."""
