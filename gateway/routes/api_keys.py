"""API keys, by which programs call."""

from contracts.identity.api_keys import (
    ApiKey,
    ApiKeyPage,
    CreateApiKey,
    GetApiKey,
    ListApiKeys,
    NewApiKey,
    RevokeApiKey,
)
from gateway.routing import Api
from servicekit.rpc import call

api = Api("api-keys")


@api.get("/v1/api-keys")
def list_api_keys(request: ListApiKeys) -> ApiKeyPage:
    """All keys, the newest first."""
    return call(request)


@api.post("/v1/api-keys", status=201)
def create_api_key(request: CreateApiKey) -> NewApiKey:
    """Make a key; it is shown this once."""
    return call(request)


@api.get("/v1/api-keys/{key_id}")
def get_api_key(request: GetApiKey) -> ApiKey:
    """One key."""
    return call(request)


@api.delete("/v1/api-keys/{key_id}")
def revoke_api_key(request: RevokeApiKey) -> ApiKey:
    """End a key; within 5 minutes it works nowhere any more."""
    return call(request)
