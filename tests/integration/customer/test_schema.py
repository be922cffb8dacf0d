"""The migration builds just the tables that the models describe."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from servicekit.messaging_tables import METADATA
from services.customer.models import Base
from tests.integration.customer.office import Office


class TestMigration:
    def test_nothing_is_left_to_be_migrated(self, office: Office) -> None:
        described = MetaData(naming_convention=Base.metadata.naming_convention)
        for table in (*Base.metadata.sorted_tables, *METADATA.sorted_tables):
            table.to_metadata(described)
        with office.database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, described) == []
