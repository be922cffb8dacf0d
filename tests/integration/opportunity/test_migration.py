"""The migration builds the very tables that the models describe, and the pipeline that every company starts with."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from servicekit.database import Database
from servicekit.messaging_tables import METADATA
from services.opportunity.models import Base
from tests.integration.opportunity.desk import Desk


class TestMigration:
    def test_leaves_nothing_to_change(self, database: Database) -> None:
        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})

            assert compare_metadata(context, [Base.metadata, METADATA]) == []  # type: ignore[arg-type]  # it takes several

    def test_makes_the_pipeline_that_every_company_starts_with(self, desk: Desk) -> None:
        stages = [(stage.position, stage.name, stage.probability) for stage in desk.stages()]

        assert stages == [(1, "Prospecting", 10), (2, "Engaging", 40)]
