"""What is asked of each operation of the OpenAPI document to see who may: the least that it takes when one may."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.activity import (
    CompleteFollowUp,
    GetActivity,
    GetFollowUp,
    ListActivities,
    ListFollowUps,
    LogActivity,
    ScheduleFollowUp,
)
from contracts.base import Request
from contracts.customer.collaborators import AddCollaborator, ListCollaborators, RemoveCollaborator
from contracts.customer.contacts import (
    AddContact,
    ContactChanges,
    GetContact,
    ListContacts,
    RemoveContact,
    UpdateContact,
)
from contracts.customer.customers import CreateCustomer, CustomerChanges, GetCustomer, ListCustomers, UpdateCustomer
from contracts.customer.duplicates import (
    CheckDuplicates,
    DecideSuspicion,
    DuplicatePolicyChanges,
    GetDuplicateScan,
    GetSuspicion,
    ListDuplicatePolicies,
    ListDuplicateScans,
    ListSuspicions,
    StartDuplicateScan,
    UpdateDuplicatePolicy,
)
from contracts.customer.history import ListChanges
from contracts.customer.imports import CustomerRow, ImportCustomers
from contracts.identity.api_keys import CreateApiKey, GetApiKey, ListApiKeys, RevokeApiKey
from contracts.identity.departments import (
    CreateDepartment,
    DepartmentChanges,
    GetDepartment,
    ListDepartments,
    UpdateDepartment,
)
from contracts.identity.sessions import (
    BeginProviderSignIn,
    ChangePassword,
    EndMySessions,
    EndSessions,
    FinishProviderSignIn,
    ListAuditEntries,
    ListMySessions,
    RefreshTokens,
    SetPassword,
    SignIn,
    SignOut,
)
from contracts.identity.users import (
    CreateUser,
    DeactivateUser,
    GetMe,
    GetUser,
    ListUsers,
    ReactivateUser,
    UpdateUser,
    UserChanges,
)
from contracts.notify import (
    CreateWebhook,
    GetWebhook,
    ListNotices,
    ListWebhookDeliveries,
    ListWebhooks,
    MarkNoticesRead,
    PingWebhook,
    RedeliverWebhook,
    RemoveWebhook,
    RotateWebhookSecret,
    UpdateWebhook,
    WebhookChanges,
)
from contracts.opportunity.imports import ImportOpportunities
from contracts.opportunity.opportunities import (
    CreateOpportunity,
    GetOpportunity,
    ListOpportunities,
    ListStageHistory,
    LoseOpportunity,
    MoveOpportunity,
    Opportunity,
    OpportunityChanges,
    UpdateOpportunity,
    WinOpportunity,
)
from contracts.opportunity.pipelines import CreatePipeline, GetPipeline, ListPipelines, Pipeline
from contracts.opportunity.products import CreateProduct, GetProduct, ListProducts
from contracts.opportunity.reports import GetFunnel
from contracts.pool.claims import ClaimCustomers
from contracts.pool.holdings import GetHolding, HoldingSort, ListHoldingHistory, ListHoldings, ReleaseHolding
from contracts.pool.pools import (
    DEFAULT_POOL_ID,
    CreatePool,
    GetPool,
    ListFreeCustomers,
    ListPools,
    PoolChanges,
    UpdatePool,
)
from contracts.pool.rules import GetPoolRules, PreviewReclaim, RulesChanges, UpdatePoolRules
from contracts.scopes import Scope
from deploy.docs.access import May, Who, rule_of
from servicekit.database import new_id
from tests.e2e.access.definitions import DEFINITIONS, Ask
from tests.e2e.access.import_asks import ATTACHMENT_ASKS, FILE_ADDRESSES, IMPORT_ASKS
from tests.e2e.access.lead_asks import LEAD_ASKS
from tests.e2e.access.merge_asks import MERGE_ASKS
from tests.e2e.access.pool_asks import POOL_ASKS
from tests.e2e.access.scene import Cast, Records
from tests.e2e.company import PASSWORD

_USD = {"amount": "5.00", "currency": "USD"}


def _fresh() -> str:
    return f"Access {new_id()}"


def _now() -> datetime:
    return datetime.now(UTC)


def _new_customer(cast: Cast, who: Who, _records: Records) -> Request[Any]:
    holder = {"pool_id": DEFAULT_POOL_ID} if who in cast.keys else {}
    return CreateCustomer.model_validate({"kind": "company", "name": _fresh(), **holder})


def _pool_change(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    now = cast.company.admin.call(GetPool(pool_id=DEFAULT_POOL_ID))
    return UpdatePool(pool_id=DEFAULT_POOL_ID, version=now.version, changes=PoolChanges(name=now.name))


def _rules(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    now = cast.company.admin.call(GetPoolRules(pool_id=DEFAULT_POOL_ID))
    changes = RulesChanges(warn_days=now.rules.warn_days)
    return UpdatePoolRules(pool_id=DEFAULT_POOL_ID, version=now.version, changes=changes)


def _colleague(cast: Cast, _who: Who, records: Records) -> Request[Any]:
    return AddCollaborator(customer_id=records.customer.id, user_id=cast.spare_user().id)


def _suspicion(cast: Cast, _who: Who, records: Records) -> Request[Any]:
    return GetSuspicion(suspicion_id=cast.twin_of(records).id)


def _decision(cast: Cast, _who: Who, records: Records) -> Request[Any]:
    seen = cast.company.admin.call(GetSuspicion(suspicion_id=cast.twin_of(records).id))
    return DecideSuspicion(suspicion_id=seen.id, version=seen.version, state="distinct", reason="Two branches")


def _suspicions(cast: Cast, _who: Who, records: Records) -> Request[Any]:
    seen = cast.company.admin.call(GetSuspicion(suspicion_id=cast.twin_of(records).id))
    return ListSuspicions(customer_id=records.customer.id, state=seen.state)


def _policy(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    policy = cast.company.admin.call(ListDuplicatePolicies()).items[0]
    return UpdateDuplicatePolicy(policy_id=policy.id, version=policy.version, changes=DuplicatePolicyChanges())


def _scan(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    return GetDuplicateScan(scan_id=cast.company.admin.call(StartDuplicateScan()).id)


def _department(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    department = cast.company.admin.call(CreateDepartment(name=_fresh()))
    changes = DepartmentChanges(name=_fresh())
    return UpdateDepartment(department_id=department.id, version=department.version, changes=changes)


def _hook(cast: Cast, who: Who) -> UUID:
    """One of their own for who may change it; a company has only so many."""
    if who is not Who.ADMIN:
        return cast.webhook.id
    return cast.company.admin.call(CreateWebhook(url="http://127.0.0.1:9/closed", types=["webhook.pinged"])).id


def _key(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    made = cast.company.admin.call(CreateApiKey(name=_fresh(), scopes=[Scope.EVENTS_READ]))
    return RevokeApiKey(key_id=made.id)


def _some_key(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    (newest,) = cast.company.admin.call(ListApiKeys(limit=1)).items
    return GetApiKey(key_id=newest.id)


def _some_department(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    first, *_ = cast.company.admin.call(ListDepartments()).items
    return GetDepartment(department_id=first.id)


def _some_product(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    (first,) = cast.company.admin.call(ListProducts(limit=1)).items
    return GetProduct(product_id=first.id)


def _pipeline(cast: Cast) -> Pipeline:
    """The one that a company starts with."""
    (default,) = [each for each in cast.company.admin.call(ListPipelines()).items if each.default]
    return default


def _user(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    spare = cast.spare_user()
    return UpdateUser(user_id=spare.id, version=spare.version, changes=UserChanges(full_name="Spare Person"))


def _opportunity(cast: Cast, records: Records) -> Opportunity:
    """One more on the same customer, for whoever closes it or changes it."""
    return cast.people[Who.OWNER].call(CreateOpportunity(customer_id=records.customer.id, name="Once"))


def _contact(cast: Cast, records: Records) -> dict[str, Any]:
    """One more at the same customer, by its address and version."""
    contact = cast.people[Who.OWNER].call(AddContact(customer_id=records.customer.id, name="Once"))
    return {"customer_id": contact.customer_id, "contact_id": contact.id, "version": contact.version}


def _customer_change(cast: Cast, _who: Who, records: Records) -> Request[Any]:
    now = cast.people[Who.OWNER].call(GetCustomer(customer_id=records.customer.id))
    return UpdateCustomer(customer_id=now.id, version=now.version, changes=CustomerChanges(note=_fresh()))


def _opportunity_change(cast: Cast, _who: Who, records: Records) -> Request[Any]:
    opportunity = _opportunity(cast, records)
    changes = OpportunityChanges(name="Fifty seats")
    return UpdateOpportunity(opportunity_id=opportunity.id, version=opportunity.version, changes=changes)


def _move(cast: Cast, _who: Who, records: Records) -> Request[Any]:
    stage_id = _pipeline(cast).stages[1].id
    return MoveOpportunity(opportunity_id=_opportunity(cast, records).id, stage_id=stage_id)


def _collaborator(cast: Cast, _who: Who, records: Records) -> Request[Any]:
    named = {"customer_id": records.customer.id, "user_id": cast.spare_user().id}
    cast.people[Who.OWNER].call(AddCollaborator(**named))
    return RemoveCollaborator(**named)


def _release(cast: Cast, who: Who, records: Records) -> Request[Any]:
    """Who may gets a customer of their own to release; that of the others stays where it is."""
    mine = cast.records() if rule_of("release_holding")[who] is May.DO else records
    return ReleaseHolding.model_validate({"customer_id": mine.customer.id, "reason": "workload"})


def _planned(cast: Cast, _who: Who, records: Records) -> Request[Any]:
    planned = cast.people[Who.OWNER].call(ScheduleFollowUp(customer_id=records.customer.id, due_at=_now()))
    return CompleteFollowUp(follow_up_id=planned.id)


ASKS: dict[str, Ask] = {
    **MERGE_ASKS,
    **ATTACHMENT_ASKS,
    **POOL_ASKS,
    **DEFINITIONS,
    "sign_in": lambda *_: SignIn(name="access.nobody", password="wrong"),  # soon locked, which costs no hash
    "begin_provider_sign_in": lambda *_: BeginProviderSignIn(),
    "finish_provider_sign_in": lambda *_: FinishProviderSignIn(code="none", state="none", verifier="none"),
    "refresh_tokens": lambda *_: RefreshTokens(refresh_token="none"),
    "sign_out": lambda *_: SignOut(refresh_token="none"),
    "get_me": lambda *_: GetMe(),
    "list_my_sessions": lambda *_: ListMySessions(),
    "end_my_sessions": lambda *_: EndMySessions(),
    "change_password": lambda *_: ChangePassword(current=PASSWORD, new=PASSWORD),
    "list_users": lambda *_: ListUsers(limit=1),
    "create_user": lambda *_: CreateUser(name=f"new.{new_id().hex[-12:]}", full_name="New"),
    "get_user": lambda cast, *_: GetUser(user_id=UUID(cast.people[Who.OWNER].id)),
    "update_user": _user,
    "end_sessions": lambda cast, *_: EndSessions(user_id=cast.spare_user().id),
    "set_password": lambda cast, *_: SetPassword(user_id=cast.spare_user().id, password=PASSWORD),
    "deactivate_user": lambda cast, *_: DeactivateUser(user_id=cast.spare_user().id),
    "reactivate_user": lambda cast, *_: ReactivateUser(user_id=cast.spare_user().id),
    "list_departments": lambda *_: ListDepartments(),
    "get_department": _some_department,
    "create_department": lambda *_: CreateDepartment(name=_fresh()),
    "update_department": _department,
    "list_audit_entries": lambda *_: ListAuditEntries(limit=1),
    "list_api_keys": lambda *_: ListApiKeys(limit=1),
    "create_api_key": lambda *_: CreateApiKey(name=_fresh(), scopes=[Scope.EVENTS_READ]),
    "get_api_key": _some_key,
    "revoke_api_key": _key,
    "list_customers": lambda _cast, _who, records: ListCustomers(q=records.customer.name),
    "create_customer": _new_customer,
    "get_customer": lambda _cast, _who, records: GetCustomer(customer_id=records.customer.id),
    "update_customer": _customer_change,
    "list_changes": lambda _cast, _who, records: ListChanges(customer_id=records.customer.id),
    "list_contacts": lambda _cast, _who, records: ListContacts(customer_id=records.customer.id),
    "add_contact": lambda _cast, _who, records: AddContact(customer_id=records.customer.id, name="New"),
    "get_contact": lambda _cast, _who, records: GetContact(
        customer_id=records.customer.id, contact_id=records.contact.id
    ),
    "update_contact": lambda cast, _who, records: UpdateContact(
        **_contact(cast, records), changes=ContactChanges(title="Head")
    ),
    "remove_contact": lambda cast, _who, records: RemoveContact(**_contact(cast, records)),
    "check_duplicates": lambda *_: CheckDuplicates(kind="company", name=_fresh()),
    "list_suspicions": _suspicions,
    "get_suspicion": _suspicion,
    "decide_suspicion": _decision,
    "list_duplicate_policies": lambda *_: ListDuplicatePolicies(),
    "update_duplicate_policy": _policy,
    "start_duplicate_scan": lambda *_: StartDuplicateScan(),
    "list_duplicate_scans": lambda *_: ListDuplicateScans(),
    "get_duplicate_scan": _scan,
    "list_collaborators": lambda _cast, _who, records: ListCollaborators(customer_id=records.customer.id),
    "add_collaborator": _colleague,
    "remove_collaborator": _collaborator,
    "list_pools": lambda *_: ListPools(),
    "create_pool": lambda *_: CreatePool(name=_fresh()),
    "get_pool": lambda *_: GetPool(pool_id=DEFAULT_POOL_ID),
    "update_pool": _pool_change,
    "list_free_customers": lambda *_: ListFreeCustomers(pool_id=DEFAULT_POOL_ID, limit=1),
    "claim_customers": lambda *_: ClaimCustomers(pool_id=DEFAULT_POOL_ID, customer_ids=[new_id()]),
    "get_pool_rules": lambda *_: GetPoolRules(pool_id=DEFAULT_POOL_ID),
    "update_pool_rules": _rules,
    "preview_reclaim": lambda *_: PreviewReclaim(pool_id=DEFAULT_POOL_ID, limit=1),
    "list_holdings": lambda cast, *_: ListHoldings(owner_id=UUID(cast.people[Who.OWNER].id), sort=HoldingSort.OLDEST),
    "get_holding": lambda _cast, _who, records: GetHolding(customer_id=records.customer.id),
    "list_holding_history": lambda _cast, _who, records: ListHoldingHistory(customer_id=records.customer.id),
    "release_holding": _release,
    "list_pipelines": lambda *_: ListPipelines(),
    "create_pipeline": lambda *_: CreatePipeline.model_validate(
        {"name": _fresh(), "stages": [{"name": "First", "probability": 10}]}
    ),
    "get_pipeline": lambda cast, *_: GetPipeline(pipeline_id=_pipeline(cast).id),
    "list_opportunities": lambda _cast, _who, records: ListOpportunities(customer_id=records.customer.id),
    "create_opportunity": lambda _cast, _who, records: CreateOpportunity(customer_id=records.customer.id, name="More"),
    "get_opportunity": lambda _cast, _who, records: GetOpportunity(opportunity_id=records.opportunity.id),
    "update_opportunity": _opportunity_change,
    "list_stage_history": lambda _cast, _who, records: ListStageHistory(opportunity_id=records.opportunity.id),
    "move_opportunity": _move,
    "win_opportunity": lambda cast, _who, records: WinOpportunity.model_validate(
        {"opportunity_id": _opportunity(cast, records).id, "amount": _USD}
    ),
    "lose_opportunity": lambda cast, _who, records: LoseOpportunity(
        opportunity_id=_opportunity(cast, records).id, reason="Price"
    ),
    "list_products": lambda *_: ListProducts(limit=1),
    "create_product": lambda *_: CreateProduct.model_validate({"name": _fresh(), "price": _USD}),
    "get_product": _some_product,
    "list_activities": lambda _cast, _who, records: ListActivities(customer_id=records.customer.id),
    "log_activity": lambda _cast, _who, records: LogActivity(customer_id=records.customer.id, kind="call"),
    "get_activity": lambda _cast, _who, records: GetActivity(activity_id=records.activity.id),
    "list_follow_ups": lambda _cast, _who, records: ListFollowUps(customer_id=records.customer.id),
    "schedule_follow_up": lambda _cast, _who, records: ScheduleFollowUp(customer_id=records.customer.id, due_at=_now()),
    "get_follow_up": lambda _cast, _who, records: GetFollowUp(follow_up_id=records.follow_up.id),
    "complete_follow_up": _planned,
    "list_notices": lambda *_: ListNotices(limit=1),
    "mark_notices_read": lambda *_: MarkNoticesRead(notice_ids=[new_id()]),
    "get_funnel": lambda *_: GetFunnel(),
    **IMPORT_ASKS,
    **LEAD_ASKS,
    "import_customers": lambda *_: ImportCustomers(rows=[CustomerRow(name=_fresh())]),
    "import_opportunities": lambda *_: ImportOpportunities.model_validate(
        {"rows": [{"external_id": _fresh(), "owner": "nobody", "stage": "Engaging", "engaged_on": "2017-01-02"}]}
    ),
    "list_webhooks": lambda *_: ListWebhooks(),
    "create_webhook": lambda *_: CreateWebhook(url="http://127.0.0.1:9/closed", types=["webhook.pinged"]),
    "get_webhook": lambda cast, *_: GetWebhook(webhook_id=cast.webhook.id),
    "update_webhook": lambda cast, who, _: UpdateWebhook(
        webhook_id=_hook(cast, who), version=1, changes=WebhookChanges(active=False)
    ),
    "remove_webhook": lambda cast, who, _: RemoveWebhook(webhook_id=_hook(cast, who), version=1),
    "rotate_webhook_secret": lambda cast, who, _: RotateWebhookSecret(webhook_id=_hook(cast, who)),
    "ping_webhook": lambda cast, who, _: PingWebhook(webhook_id=_hook(cast, who)),
    "list_webhook_deliveries": lambda cast, *_: ListWebhookDeliveries(webhook_id=cast.webhook.id),
    "redeliver_webhook": lambda cast, *_: RedeliverWebhook(webhook_id=cast.webhook.id, delivery_id=cast.delivery.id),
}
"""By the operation's id. Those that are no RPC of one service are asked by their address: see BY_ADDRESS."""

BY_ADDRESS: dict[str, Callable[[Cast, Who, Records], str]] = {
    **FILE_ADDRESSES,
    "get_view_360": lambda _cast, _who, records: f"GET /v1/customers/{records.customer.id}/360",
    "list_events": lambda *_: "GET /v1/events?limit=1",
    "stream_events": lambda *_: "GET /v1/events/stream?types=nothing.ever",
}
"""Methods and addresses of operations that the gateway answers itself, of several services' answers, and of files."""
