"""A copy of another service's record follows the latest fact of each source, whatever order the events come in."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from servicekit.database import new_id
from servicekit.projections import project
from tests.integration.servicekit.conftest import Rig


class Base(DeclarativeBase):
    """Its own tables."""


class ThingCopy(Base):
    """Fed by two sources, each with its own sequence."""

    __tablename__ = "thing_copy"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(server_default="")
    owner: Mapped[str] = mapped_column(server_default="")
    name_sequence: Mapped[int] = mapped_column(server_default="0")
    owner_sequence: Mapped[int] = mapped_column(server_default="0")


@pytest.fixture
def copies(rig: Rig) -> Rig:
    """A service that keeps copies of things."""
    Base.metadata.create_all(rig.database.engine)
    return rig


def named(rig: Rig, thing: UUID, name: str, sequence: int) -> bool:
    """The first source says a name."""
    with rig.database.transaction() as db:
        return project(db, ThingCopy, thing, sequence={"name_sequence": sequence}, values={"name": name})


def owned(rig: Rig, thing: UUID, owner: str, sequence: int) -> bool:
    """The second source says an owner."""
    with rig.database.transaction() as db:
        return project(db, ThingCopy, thing, sequence={"owner_sequence": sequence}, values={"owner": owner})


def copy_of(rig: Rig, thing: UUID) -> tuple[str, int, str, int]:
    """What the copy says."""
    statement = "SELECT name, name_sequence, owner, owner_sequence FROM thing_copy WHERE id = %s"
    [row] = rig.rows(statement, str(thing))
    return tuple(row)


class TestProject:
    def test_a_later_fact_replaces_an_earlier_one(self, copies: Rig) -> None:
        thing = new_id()
        assert named(copies, thing, "first", 1)
        assert named(copies, thing, "third", 3)
        assert copy_of(copies, thing) == ("third", 3, "", 0)

    def test_an_earlier_or_repeated_fact_changes_nothing(self, copies: Rig) -> None:
        thing = new_id()
        assert named(copies, thing, "third", 3)
        assert not named(copies, thing, "second", 2)
        assert not named(copies, thing, "third", 3)
        assert copy_of(copies, thing) == ("third", 3, "", 0)

    def test_a_repeated_fact_mends_a_damaged_copy(self, copies: Rig) -> None:
        thing = new_id()
        assert named(copies, thing, "third", 3)
        copies.run("UPDATE thing_copy SET name = 'damaged' WHERE id = %s", str(thing))
        assert named(copies, thing, "third", 3)
        assert copy_of(copies, thing) == ("third", 3, "", 0)

    def test_either_source_may_come_first_and_leaves_the_others_columns_alone(self, copies: Rig) -> None:
        one, other = new_id(), new_id()
        assert named(copies, one, "named first", 5)
        assert owned(copies, one, "Ada", 2)
        assert owned(copies, other, "Ada", 9)
        assert named(copies, other, "named later", 1)
        assert copy_of(copies, one) == ("named first", 5, "Ada", 2)
        assert copy_of(copies, other) == ("named later", 1, "Ada", 9)

    def test_of_many_at_once_the_latest_stays(self, copies: Rig) -> None:
        thing = new_id()
        with ThreadPoolExecutor(16) as writers:
            for done in [writers.submit(named, copies, thing, f"name {n}", n) for n in range(1, 101)]:
                done.result()
        assert copy_of(copies, thing)[:2] == ("name 100", 100)
