"""What the company sells."""

from contracts.opportunity.products import CreateProduct, GetProduct, ListProducts, Product, ProductPage
from gateway.routing import Api
from servicekit.rpc import call

api = Api("products")


@api.get("/v1/products")
def list_products(request: ListProducts) -> ProductPage:
    """The catalogue."""
    return call(request)


@api.post("/v1/products", status=201)
def create_product(request: CreateProduct) -> Product:
    """Add a product."""
    return call(request)


@api.get("/v1/products/{product_id}")
def get_product(request: GetProduct) -> Product:
    """One product."""
    return call(request)
