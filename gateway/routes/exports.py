"""Records as files."""

from collections.abc import Iterator

from contracts.customer.customers import ListCustomers
from contracts.customer.exports import ExportCustomers, TablePage
from gateway import csv_text, xlsx_file
from gateway.downloads import Download, pages
from gateway.routing import Api
from servicekit.rpc import call

api = Api("exports")

_PAGE = 200


@api.download("/v1/exports/customers.csv", csv_text.MEDIA_TYPE)
def export_customers(request: ListCustomers) -> Download:
    """The customers of a list, from its cursor to its end, as a file that an import takes again."""
    pieces = csv_text.csv_pieces(_customers(request))
    return Download(name="customers.csv", media_type=csv_text.MEDIA_TYPE, pieces=pieces)


@api.download("/v1/exports/customers.xlsx", xlsx_file.MEDIA_TYPE)
def export_customers_as_xlsx(request: ListCustomers) -> Download:
    """The same as a workbook; beyond 1,048,575 customers it goes on in further sheets."""
    pieces = xlsx_file.xlsx_pieces(_customers(request))
    return Download(name="customers.xlsx", media_type=xlsx_file.MEDIA_TYPE, pieces=pieces)


def _customers(request: ListCustomers) -> Iterator[list[list[str]]]:
    """The rows page by page, the headings before the first."""

    def read(cursor: str | None) -> tuple[TablePage, str | None]:
        wanted = request.model_copy(update={"limit": _PAGE, "cursor": cursor or request.cursor, "count": False})
        page = call(ExportCustomers(wanted=wanted))
        return page, page.next_cursor

    for place, page in enumerate(pages(read)):
        yield [page.columns, *page.rows] if place == 0 else page.rows
