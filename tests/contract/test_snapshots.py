"""Contracts only grow by optional fields: every message is compared with its snapshot."""

from tests.contract.record import COMMAND, REMEDY, broken, recorded, unrecorded


class TestSnapshots:
    def test_no_message_changed_but_by_growing_optional_fields(self) -> None:
        sentences = broken(recorded())
        assert not sentences, "\n".join([*sentences, REMEDY])

    def test_every_message_and_its_growth_is_recorded(self) -> None:
        names = [path.stem for path in unrecorded(recorded())]
        assert not names, f"New or grown: {', '.join(names)}. Run `{COMMAND}` and commit what it writes."
