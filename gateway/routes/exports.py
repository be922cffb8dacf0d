"""Records as files."""

from contracts.customer.customers import ListCustomers
from contracts.customer.exports import ExportCustomers, TablePage
from gateway.csv_text import MEDIA_TYPE, csv_pieces
from gateway.downloads import Download, pages
from gateway.routing import Api
from servicekit.rpc import call

api = Api("exports")

_PAGE = 200


@api.download("/v1/exports/customers.csv", MEDIA_TYPE)
def export_customers(request: ListCustomers) -> Download:
    """The customers of a list, from its cursor to its end, as a file that an import takes again."""

    def read(cursor: str | None) -> tuple[TablePage, str | None]:
        wanted = request.model_copy(update={"limit": _PAGE, "cursor": cursor or request.cursor, "count": False})
        page = call(ExportCustomers(wanted=wanted))
        return page, page.next_cursor

    rows = ([page.columns, *page.rows] if place == 0 else page.rows for place, page in enumerate(pages(read)))
    return Download(name="customers.csv", media_type=MEDIA_TYPE, pieces=csv_pieces(rows))
