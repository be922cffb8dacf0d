"""docs/access.md: who may do what. A row per route of the OpenAPI document; tests/e2e/access tries every cell.

A row says whose record is meant; whose that is to each kind of caller stands in the columns. The same holds for a
direct RPC with the same caller's token, since the owning service decides.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from deploy.docs.markdown import GENERATED, table
from gateway import openapi


class Who(StrEnum):
    """The kinds of callers; the record in question belongs to the owner, a rep."""

    NOBODY = "not signed in"
    OWNER = "owner"
    COLLEAGUE = "colleague"
    READER = "collaborator: read"
    EDITOR = "collaborator: edit"
    MANAGER = "manager"
    OTHER_MANAGER = "other manager"
    ADMIN = "admin"
    AUDITOR = "auditor"
    KEY = "API key"
    BARE_KEY = "key without scope"


class May(StrEnum):
    """What becomes of a request; all but the first two are refusals that change nothing."""

    DO = "yes"
    WITHOUT = "without it"
    """The list is answered, and the record is not on it."""
    SIGN_IN = "401"
    NOT = "403"
    NOT_FOUND = "404"


Rule = Mapping[Who, May]


def _rule(people: str, *, key: May, nobody: May = May.SIGN_IN, bare_key: May = May.NOT) -> Rule:
    """`people` has a letter for each person in the columns' order: `y`es, `w`ithout it, `f`orbidden, `n`ot found."""
    letters = {"y": May.DO, "w": May.WITHOUT, "f": May.NOT, "n": May.NOT_FOUND}
    persons = (who for who in Who if who not in {Who.NOBODY, Who.KEY, Who.BARE_KEY})
    said: dict[Who, May] = dict(zip(persons, (letters[letter] for letter in people), strict=True))
    return {Who.NOBODY: nobody, **said, Who.KEY: key, Who.BARE_KEY: bare_key}


# In the columns' order: owner, colleague, reader, editor, manager, other manager, admin, auditor.
ANYBODY = _rule("yyyyyyyy", key=May.DO, nobody=May.DO, bare_key=May.DO)
SIGNED_IN = _rule("yyyyyyyy", key=May.DO)
PEOPLE = _rule("yyyyyyyy", key=May.NOT)
SEES = _rule("ynyyynyy", key=May.DO)
LISTS = _rule("ywyyywyy", key=May.DO)
EDITS = _rule("ynfyynyf", key=May.DO)
ANSWERS_FOR = _rule("ynffynyf", key=May.DO)
RESTORES = _rule("ffffynyf", key=May.DO)
SELLERS = _rule("yyyyyyyf", key=May.NOT)
WRITERS = _rule("yyyyyyyf", key=May.DO)
IMPORTERS = _rule("ffffyyyf", key=May.DO)
OVERSEERS = _rule("ffffyyyy", key=May.DO)
MAKERS = _rule("yfffffyf", key=May.NOT)
SETTERS = _rule("ffffffyf", key=May.DO)
ADMINS = _rule("ffffffyf", key=May.NOT)
CONTROLLERS = _rule("ffffffyy", key=May.NOT)
LISTENS = _rule("yyyyyyyy", key=May.DO, bare_key=May.DO)
EVENTS = _rule("ffffffyy", key=May.DO, bare_key=May.DO)

MEANINGS = {
    "anybody": (ANYBODY, "needs no token"),
    "signed in": (SIGNED_IN, "everybody who is signed in; what it tells is no secret within the company"),
    "people": (PEOPLE, "people, each about themselves; an API key is nobody"),
    "sees": (SEES, "who sees the record"),
    "lists": (LISTS, "everybody, and only what they see is on the list"),
    "edits": (EDITS, "who edits the record; who only sees it is forbidden"),
    "answers for": (ANSWERS_FOR, "its owner, their manager, admins"),
    "restorers": (RESTORES, "managers of what they would see, admins, API keys"),
    "sellers": (SELLERS, "people who can hold customers"),
    "writers": (WRITERS, "all but readers; what they make is theirs"),
    "importers": (IMPORTERS, "managers, admins, API keys"),
    "overseers": (OVERSEERS, "managers of what their people hold, admins, auditors, API keys"),
    "makers": (MAKERS, "who made it (here the owner), and admins"),
    "setters": (SETTERS, "admins and API keys"),
    "admins": (ADMINS, "admins"),
    "controllers": (CONTROLLERS, "admins and auditors"),
    "listens": (LISTENS, "everybody who is signed in, and API keys with `events:read`; each hears of what they see"),
    "events": (EVENTS, "admins, auditors, API keys with `events:read`"),
}
"""Each rule by its name, and in words."""

TABLE = {
    "sign_in": "anybody",
    "begin_provider_sign_in": "anybody",
    "finish_provider_sign_in": "anybody",
    "refresh_tokens": "anybody",
    "sign_out": "anybody",
    "get_me": "people",
    "list_my_sessions": "people",
    "end_my_sessions": "people",
    "change_password": "people",
    "list_users": "signed in",
    "create_user": "admins",
    "get_user": "signed in",
    "update_user": "admins",
    "end_sessions": "admins",
    "set_password": "admins",
    "deactivate_user": "admins",
    "reactivate_user": "admins",
    "list_departments": "signed in",
    "get_department": "signed in",
    "create_department": "admins",
    "update_department": "admins",
    "list_audit_entries": "controllers",
    "list_api_keys": "controllers",
    "create_api_key": "admins",
    "get_api_key": "controllers",
    "revoke_api_key": "admins",
    "list_customers": "lists",
    "create_customer": "writers",
    "get_customer": "sees",
    "update_customer": "edits",
    "check_duplicates": "writers",
    "list_suspicions": "lists",
    "get_suspicion": "sees",
    "decide_suspicion": "edits",
    "list_duplicate_policies": "signed in",
    "update_duplicate_policy": "admins",
    "start_duplicate_scan": "admins",
    "list_duplicate_scans": "admins",
    "get_duplicate_scan": "admins",
    "delete_customer": "answers for",
    "restore_customer": "restorers",
    "get_view_360": "sees",
    "list_changes": "sees",
    "get_qualification": "sees",
    "qualify_customer": "edits",
    "convert_lead": "edits",
    "get_scoring": "signed in",
    "update_scoring": "setters",
    "list_contacts": "sees",
    "add_contact": "edits",
    "get_contact": "sees",
    "update_contact": "edits",
    "remove_contact": "edits",
    "list_collaborators": "sees",
    "add_collaborator": "answers for",
    "remove_collaborator": "answers for",
    "list_attachments": "sees",
    "add_attachment": "edits",
    "get_attachment": "sees",
    "remove_attachment": "edits",
    "download_attachment": "sees",
    "list_dictionaries": "signed in",
    "create_dictionary": "admins",
    "get_dictionary": "signed in",
    "update_dictionary": "admins",
    "list_custom_fields": "signed in",
    "create_custom_field": "admins",
    "get_custom_field": "signed in",
    "update_custom_field": "admins",
    "list_segments": "signed in",
    "create_segment": "writers",
    "get_segment": "signed in",
    "update_segment": "makers",
    "remove_segment": "makers",
    "list_segment_members": "signed in",
    "list_classification_rules": "signed in",
    "create_classification_rule": "admins",
    "order_classification_rules": "admins",
    "preview_classification": "admins",
    "get_classification_rule": "signed in",
    "update_classification_rule": "admins",
    "remove_classification_rule": "admins",
    "merge_customers": "edits",
    "list_merges": "lists",
    "get_merge": "sees",
    "undo_merge": "edits",
    "list_pools": "signed in",
    "create_pool": "admins",
    "get_pool": "signed in",
    "update_pool": "admins",
    "list_free_customers": "signed in",
    "claim_customers": "sellers",
    "get_pool_rules": "signed in",
    "update_pool_rules": "admins",
    "preview_reclaim": "overseers",
    "list_holdings": "lists",
    "get_holding": "sees",
    "list_holding_history": "sees",
    "release_holding": "answers for",
    "release_holdings": "writers",
    "assign_holding": "restorers",
    "assign_holdings": "importers",
    "transfer_holding": "answers for",
    "transfer_holdings": "writers",
    "protect_holding": "answers for",
    "end_protection": "answers for",
    "list_pipelines": "signed in",
    "create_pipeline": "admins",
    "get_pipeline": "signed in",
    "list_opportunities": "lists",
    "create_opportunity": "edits",
    "get_opportunity": "sees",
    "update_opportunity": "edits",
    "list_stage_history": "sees",
    "move_opportunity": "edits",
    "win_opportunity": "edits",
    "lose_opportunity": "edits",
    "list_products": "signed in",
    "create_product": "setters",
    "get_product": "signed in",
    "list_activities": "lists",
    "log_activity": "edits",
    "get_activity": "sees",
    "list_follow_ups": "lists",
    "schedule_follow_up": "edits",
    "get_follow_up": "sees",
    "complete_follow_up": "edits",
    "list_notices": "people",
    "mark_notices_read": "people",
    "get_funnel": "signed in",
    "create_upload": "writers",
    "get_upload": "writers",
    "list_imports": "importers",
    "create_import": "importers",
    "get_import": "importers",
    "preview_import": "importers",
    "start_import": "importers",
    "cancel_import": "importers",
    "revert_import": "importers",
    "list_import_errors": "importers",
    "download_import_errors": "importers",
    "export_customers": "lists",
    "export_customers_as_xlsx": "lists",
    "import_customers": "importers",
    "import_opportunities": "importers",
    "list_events": "events",
    "stream_events": "listens",
    "list_webhooks": "controllers",
    "create_webhook": "admins",
    "get_webhook": "controllers",
    "update_webhook": "admins",
    "remove_webhook": "admins",
    "rotate_webhook_secret": "admins",
    "ping_webhook": "admins",
    "list_webhook_deliveries": "controllers",
    "redeliver_webhook": "admins",
}
"""The rule of each operation of the OpenAPI document."""

_OPENING = f"""{GENERATED}

# Who may do what

A record belongs to its **owner**, a rep. A **colleague** is another rep of the owner's department; a **manager** is the
one of the owner's department or of one above it, an **other manager** that of another. A **collaborator** was let in by
those who answer for the customer. An **API key** is one with the scope of the area; one **without scope** has
`events:read` alone. A customer in a pool is seen by everybody to whom
the pool is open; a pool's own administrators change it as the company's do.

Who may not see a record gets 404, as if it weren't there; who sees it but may not do this gets 403. Each cell is tried
by a test, over HTTP and by a direct RPC with the same caller's token.
"""


def rule_of(operation: str) -> Rule:
    """Who may call an operation. KeyError where nobody has decided."""
    return MEANINGS[TABLE[operation]][0]


def operations() -> Iterator[tuple[str, str, str]]:
    """Every operation of the OpenAPI document: method, path, id."""
    paths: dict[str, dict[str, Any]] = openapi.document()["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            yield method.upper(), path, operation["operationId"]


def page() -> str:
    """The page."""
    rules = table(
        ("rule", *(who.value for who in Who)),
        [(f"**{name}**", *(rule[who].value for who in Who)) for name, (rule, _) in MEANINGS.items()],
    )
    words = "\n".join(f"- **{name}**: {meaning}." for name, (_, meaning) in MEANINGS.items())
    routes = table(
        ("route", "rule"), [(f"{method} `{path}`", TABLE[operation]) for method, path, operation in operations()]
    )
    return f"{_OPENING}\n## Rules\n\n{rules}\n\n{words}\n\n## Routes\n\n{routes}\n"
