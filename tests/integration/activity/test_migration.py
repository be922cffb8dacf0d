"""The migration builds the very tables that the models describe."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from servicekit.database import Database
from servicekit.messaging_tables import METADATA
from services.activity.models import Base


class TestMigration:
    def test_leaves_nothing_to_change(self, database: Database) -> None:
        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})

            assert compare_metadata(context, [Base.metadata, METADATA]) == []  # type: ignore[arg-type]  # it takes several
