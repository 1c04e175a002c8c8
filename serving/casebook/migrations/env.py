"""Alembic's way in: it runs the scripts on the connection that it is handed, which has the turn."""

from __future__ import annotations

from alembic import context

from serving.casebook.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
