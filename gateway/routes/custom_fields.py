"""Custom fields: what a company keeps of its customers beside what every company does."""

from contracts.customer.custom_fields import (
    CreateCustomField,
    CustomField,
    CustomFieldList,
    GetCustomField,
    ListCustomFields,
    UpdateCustomField,
)
from gateway.routing import Api
from servicekit.rpc import call

api = Api("custom-fields")


@api.get("/v1/custom-fields")
def list_custom_fields(request: ListCustomFields) -> CustomFieldList:
    """The custom fields that the caller sees."""
    return call(request)


@api.post("/v1/custom-fields", status=201)
def create_custom_field(request: CreateCustomField) -> CustomField:
    """Add a custom field."""
    return call(request)


@api.get("/v1/custom-fields/{custom_field_id}")
def get_custom_field(request: GetCustomField) -> CustomField:
    """One custom field."""
    return call(request)


@api.patch("/v1/custom-fields/{custom_field_id}")
def update_custom_field(request: UpdateCustomField) -> CustomField:
    """Change a custom field, or make it inactive."""
    return call(request)
