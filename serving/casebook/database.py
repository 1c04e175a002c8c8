"""The casebook's database, SQLite in a file or PostgreSQL by URL, up to date when opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from serving.errors import CasebookError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 60
"""How long a writer waits for another before it gives up."""
_WRITING = "casebook_writing"
_TURN = 0x63617365626F6F6B
"""Number of the lock that a writer to PostgreSQL holds: the bytes of "casebook"."""


def connect(where: str | Path) -> Engine:
    """The database of a casebook, made if it is not there and brought up to this code's version.

    Args:
        where: A file for SQLite, or the URL of a PostgreSQL database such as
            ``postgresql://user@host/casebook``.

    Raises:
        CasebookError: It cannot be reached, or newer code has written it.
    """
    url = _url(where)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    try:
        _bring_up_to_date(engine)
    except OperationalError as error:
        raise CasebookError(
            f"the casebook {shown(engine)} cannot be opened: {_reason(error)}; look whether its "
            "server runs, or its folder can be written"
        ) from error
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A view of the database as it stands now."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """The turn to write: one at a time, all of it or nothing.

    Writers take turns, so the trail's numbers stand in the order in which they became true, and
    what a delivery has passed cannot appear behind it later.
    """
    with engine.connect() as connection:
        connection = connection.execution_options(**{_WRITING: True})
        try:
            with connection.begin():
                if engine.dialect.name == "postgresql":
                    connection.execute(text(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'"))
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_TURN})"))
                yield connection
        except OperationalError as error:
            raise CasebookError(
                f"nothing was written to the casebook {shown(engine)}: {_reason(error)}; try again"
            ) from error
        except SQLAlchemyError as error:
            raise CasebookError(
                f"the casebook {shown(engine)} refused a change and is as before: {_reason(error)}"
            ) from error


def shown(engine: Engine) -> str:
    """Where the database is, without its password."""
    return engine.url.database or "" if engine.dialect.name == "sqlite" else repr(engine.url)


def _url(where: str | Path) -> URL:
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(where)
    except ArgumentError as error:
        raise CasebookError(
            "the casebook's URL cannot be read; write it like postgresql://user@host/casebook"
        ) from error
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite":
        return url
    raise CasebookError(
        f"the casebook cannot be kept in {url.get_backend_name()}: give a file, for SQLite, or the "
        "URL of a PostgreSQL database"
    )


def _prepare_sqlite(connection: object, _: object) -> None:
    # The driver's own transactions begin too late for two writers, so it is told to begin none.
    connection.isolation_level = None  # type: ignore[attr-defined]
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _bring_up_to_date(engine: Engine) -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    head = scripts.get_current_head()
    with reading(engine) as connection:
        version = MigrationContext.configure(connection).get_current_revision()
    if version == head:
        return
    with writing(engine) as connection:
        version = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in scripts.walk_revisions()}
        if version is not None and version not in known:
            raise CasebookError(
                f"the casebook {shown(engine)} was written by newer code (its version {version} is "
                f"not known here, where {head} is the newest): update groupchurn and open it again"
            )
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _reason(error: SQLAlchemyError) -> str:
    """What the database said, in one line and without the values that it was given."""
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__
