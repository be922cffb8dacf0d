"""The errors that any RPC may answer with, whatever it is about."""

CODES_ANYWHERE: dict[str, tuple[str, str]] = {
    "fields.invalid": ("InvalidInput", "Fields are missing or not of their type; `fields` names each."),
    "cursor.invalid": ("InvalidInput", "`cursor` is not one that this list gave."),
    "call.unknown_method": ("InvalidInput", "The service has no such RPC."),
    "auth.required": ("NotPermitted", "No token came with the request."),
    "auth.invalid_token": ("NotPermitted", "The token is not one of this suite's."),
    "auth.expired_token": ("NotPermitted", "The token's time is over."),
    "auth.scope_missing": ("NotPermitted", "An API key lacks the scope that this needs, or no scope opens it."),
    "auth.users_only": ("NotPermitted", "A service called, and this is for people."),
    "service.unavailable": ("Unavailable", "No process of the service runs; nothing was done."),
    "service.overloaded": ("Unavailable", "Too many requests wait already; nothing was done."),
    "call.past_deadline": ("Unavailable", "The caller's time was over before the work began; nothing was done."),
    "call.timed_out": ("Unavailable", "No answer came in time; whether it was done is unknown."),
    "broker.unavailable": ("Unavailable", "The broker could not be reached; nothing was done."),
    "broker.lost": ("Unavailable", "The broker went away meanwhile; whether it was done is unknown."),
    "database.unavailable": ("Unavailable", "The service's database is away."),
    "database.busy": ("Unavailable", "Others are changing the record; nothing was done."),
    "database.slow": ("Unavailable", "The database took too long; nothing was done."),
    "internal.error": ("Unavailable", "A fault in the service; its log tells."),
}
"""The codes that no docstring names because any RPC may answer with them."""
