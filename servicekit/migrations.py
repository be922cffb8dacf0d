"""Bring a service's database to its latest shape, made when missing; one Alembic set-up serves all services."""

from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from servicekit.settings import Settings

_ROOT = Path(__file__).resolve().parents[1]
_LOCK_SECONDS = 30


def migrate(settings: Settings, service: str) -> None:
    """Make the database if need be and run the migrations it has not seen; several at once wait for each other."""
    url = settings.database_url_of(service)
    _make_database(url)
    engine = sqlalchemy.create_engine(url, connect_args={"connect_timeout": round(settings.connect_timeout_seconds)})
    with engine.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('migrations'))")
        config = alembic_config(service)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def alembic_config(service: str) -> Config:
    """Alembic's configuration for one service: its section of alembic.ini."""
    return Config(_ROOT / "alembic.ini", ini_section=service)


def _make_database(url: str) -> None:
    target = make_url(url)
    server = sqlalchemy.create_engine(target.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        exists = sqlalchemy.text("SELECT 1 FROM pg_database WHERE datname = :name")
        if connection.execute(exists, {"name": target.database}).first() is None:
            name = server.dialect.identifier_preparer.quote(str(target.database))
            try:
                connection.exec_driver_sql(
                    f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
                )
            except sqlalchemy.exc.ProgrammingError as error:
                if getattr(error.orig, "pgcode", None) != "42P04":  # somebody else made it just now
                    raise
    server.dispose()
