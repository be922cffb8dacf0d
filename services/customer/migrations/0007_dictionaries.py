"""Dictionaries, and those that every company starts with."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"

Labelled = tuple[str, str, str, str]
"""A key with its label in English, Chinese and Polish."""

_FIRST: dict[Labelled, tuple[Labelled, ...]] = {
    ("sources", "Sources", "来源", "Źródła"): (
        ("trade_fair", "Trade fair", "展会", "Targi"),
        ("website", "Website", "网站", "Strona internetowa"),
        ("referral", "Referral", "转介绍", "Polecenie"),
        ("advertising", "Advertising", "广告", "Reklama"),
        ("cold_call", "Cold call", "陌生电话", "Zimny telefon"),
        ("partner", "Partner", "合作伙伴", "Partner"),
        ("other", "Other", "其他", "Inne"),
    ),
    ("industries", "Industries", "行业", "Branże"): (
        ("employment", "Employment", "人力资源", "Zatrudnienie"),
        ("entertainment", "Entertainment", "娱乐", "Rozrywka"),
        ("finance", "Finance", "金融", "Finanse"),
        ("manufacturing", "Manufacturing", "制造", "Produkcja"),
        ("marketing", "Marketing", "营销", "Marketing"),
        ("medical", "Medical", "医疗", "Medycyna"),
        ("retail", "Retail", "零售", "Handel detaliczny"),
        ("services", "Services", "服务", "Usługi"),
        ("software", "Software", "软件", "Oprogramowanie"),
        ("telecommunications", "Telecommunications", "电信", "Telekomunikacja"),
        ("other", "Other", "其他", "Inne"),
    ),
    ("junk_reasons", "Reasons for junk", "无效原因", "Powody odrzucenia"): (
        ("wrong_data", "Wrong data", "信息有误", "Błędne dane"),
        ("no_need", "No need", "没有需求", "Brak potrzeby"),
        ("not_reachable", "Not reachable", "联系不上", "Brak kontaktu"),
        ("competitor", "A competitor", "竞争对手", "Konkurent"),
        ("spam", "Spam", "垃圾信息", "Spam"),
        ("other", "Other", "其他", "Inny"),
    ),
    ("release_reasons", "Reasons for a release", "释放原因", "Powody zwolnienia"): (
        ("no_budget", "No budget", "没有预算", "Brak budżetu"),
        ("no_need", "No need", "没有需求", "Brak potrzeby"),
        ("not_reachable", "Not reachable", "联系不上", "Brak kontaktu"),
        ("wrong_fit", "Wrong fit", "不匹配", "Niedopasowanie"),
        ("workload", "Too much work", "工作量过大", "Nadmiar pracy"),
        ("other", "Other", "其他", "Inny"),
    ),
}


def upgrade() -> None:
    """Apply."""
    dictionaries = op.create_table(
        "dictionaries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("labels", JSONB(), nullable=False),
        sa.Column("items", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dictionaries"),
        sa.UniqueConstraint("key", name="uq_dictionaries_key"),
    )
    op.bulk_insert(dictionaries, [_row(nth, *first) for nth, first in enumerate(_FIRST.items(), start=1)])


def _row(nth: int, named: Labelled, items: tuple[Labelled, ...]) -> dict[str, Any]:
    return {
        # The same in every company, as programs may name them.
        "id": UUID(f"00000000-0000-7000-8000-0000000001{nth:02}"),
        "key": named[0],
        "labels": _labels(named),
        "items": [{"key": item[0], "labels": _labels(item), "active": True} for item in items],
        "version": 1,
        "created_at": (now := datetime.now(UTC)),
        "updated_at": now,
    }


def _labels(named: Labelled) -> dict[str, str]:
    return dict(zip(("en", "zh", "pl"), named[1:], strict=True))


def downgrade() -> None:
    """Take back what the next release does not use yet."""
    op.drop_table("dictionaries")
