"""What this service asks others, on its own behalf: the caller's rights must not decide what it knows."""

from collections.abc import Sequence
from uuid import UUID

from contracts.identity.users import DescribeUsers, User
from contracts.pool.pools import ListPools, Pool
from servicekit.rpc import call_as_self


def users(user_ids: Sequence[UUID]) -> list[User]:
    """Those of these people that exist."""
    return call_as_self(DescribeUsers(user_ids=list(user_ids))).items


def users_by_login(names: Sequence[str]) -> list[User]:
    """Those of these people that exist, by login name."""
    return call_as_self(DescribeUsers(names=list(names))).items


def pools() -> list[Pool]:
    """All pools."""
    return call_as_self(ListPools()).items
