"""Alembic's revisions of the schema; each is tried upwards and downwards in the tests."""
