"""How the casebook's database came to be: Alembic's scripts, run when it is opened."""
