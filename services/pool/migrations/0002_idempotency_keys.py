"""What was answered to requests that may come again."""

from servicekit.messaging_tables import create_idempotency_keys

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply."""
    create_idempotency_keys()


def downgrade() -> None:
    """Refused: a repeat that came afterwards would take effect twice."""
    raise RuntimeError("this migration can't be taken back: repeated requests would take effect twice")
