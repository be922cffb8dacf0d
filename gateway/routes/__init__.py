"""The routes, one module per area; the order is that of the documentation."""

from gateway.routes import (
    activities,
    api_keys,
    auth,
    classification,
    custom_fields,
    customers,
    dictionaries,
    duplicates,
    events,
    exports,
    holdings,
    imports,
    merges,
    notices,
    opportunities,
    people,
    pools,
    products,
    reports,
    scoring,
    segments,
    webhooks,
)

AREAS = [
    module.api
    for module in (
        auth,
        people,
        api_keys,
        customers,
        dictionaries,
        custom_fields,
        duplicates,
        scoring,
        segments,
        classification,
        merges,
        pools,
        holdings,
        opportunities,
        products,
        activities,
        notices,
        reports,
        imports,
        exports,
        events,
        webhooks,
    )
]
