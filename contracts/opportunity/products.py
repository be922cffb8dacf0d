"""What is sold."""

from uuid import UUID

from contracts.base import Message, Request
from contracts.values import (
    Limit,
    Line,
    Money,
    ShortText,
)


class Product(Message):
    """Something the company sells."""

    id: UUID
    name: str
    series: str
    price: Money
    version: int


class ProductPage(Message):
    """A page of products, by name; `total` only when it was asked for."""

    items: list[Product]
    next_cursor: str | None
    total: int | None = None


class ListProducts(Request[ProductPage], to="opportunity"):
    """The catalogue, by name; `q` is a fragment of a name."""

    q: Line | None = None
    limit: Limit = 50
    cursor: str | None = None
    count: bool = False


class GetProduct(Request[Product], to="opportunity"):
    """One product. NotFound: product.not_found."""

    product_id: UUID


class CreateProduct(Request[Product], to="opportunity"):
    """Add a product (admin). Conflict: product.name_taken (as an import would match it).

    InvalidInput: amount.negative. NotPermitted: product.admins_only.
    """

    name: Line
    series: ShortText = ""
    price: Money
