"""How the opportunities with customers stand, for services that decide over those customers."""

from sqlalchemy.orm import Session

from contracts.opportunity.sales import DescribedSales, DescribeSales
from servicekit.operators import require_process
from services.opportunity.queries import sales


def describe_sales(db: Session, request: DescribeSales) -> DescribedSales:
    """How they stand now."""
    require_process()
    return DescribedSales(items=sales.sales_of(db, request.customers))
