"""Named lists of choices."""

from contracts.customer.dictionaries import (
    CreateDictionary,
    Dictionary,
    DictionaryList,
    GetDictionary,
    ListDictionaries,
    UpdateDictionary,
)
from gateway.routing import Api
from servicekit.rpc import call

api = Api("dictionaries")


@api.get("/v1/dictionaries")
def list_dictionaries(request: ListDictionaries) -> DictionaryList:
    """All dictionaries with their choices."""
    return call(request)


@api.post("/v1/dictionaries", status=201)
def create_dictionary(request: CreateDictionary) -> Dictionary:
    """Make a dictionary."""
    return call(request)


@api.get("/v1/dictionaries/{dictionary_id}")
def get_dictionary(request: GetDictionary) -> Dictionary:
    """One dictionary."""
    return call(request)


@api.patch("/v1/dictionaries/{dictionary_id}")
def update_dictionary(request: UpdateDictionary) -> Dictionary:
    """Change a dictionary: its labels, its choices and their order."""
    return call(request)
