"""The history of the schema, applied by Alembic: DDL and views only."""
