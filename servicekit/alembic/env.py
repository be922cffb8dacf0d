"""Alembic's environment, one for all services; the section of alembic.ini says whose tables are meant."""

from importlib import import_module

import sqlalchemy
from alembic import context

from servicekit.messaging_tables import METADATA as MESSAGING
from servicekit.settings import Settings, load

service = context.config.config_ini_section
models = import_module(f"services.{service}.models")
tables = [models.Base.metadata, MESSAGING]

connection = context.config.attributes.get("connection")
if connection is None:
    connection = sqlalchemy.create_engine(load(Settings).database_url_of(service)).connect()

context.configure(connection=connection, target_metadata=tables, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
