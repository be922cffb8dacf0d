"""Which route takes each request. Written by `make docs` from the gateway's routes: don't edit it."""

from typing import Any

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
from contracts.customer.contacts import AddContact, GetContact, ListContacts, RemoveContact, UpdateContact
from contracts.customer.custom_fields import CreateCustomField, GetCustomField, ListCustomFields, UpdateCustomField
from contracts.customer.customers import CreateCustomer, GetCustomer, ListCustomers, UpdateCustomer
from contracts.customer.dictionaries import CreateDictionary, GetDictionary, ListDictionaries, UpdateDictionary
from contracts.customer.history import ListChanges
from contracts.customer.imports import ImportCustomers
from contracts.customer.leads import ConvertLead, GetQualification, QualifyCustomer
from contracts.identity.api_keys import CreateApiKey, GetApiKey, ListApiKeys, RevokeApiKey
from contracts.identity.departments import CreateDepartment, GetDepartment, ListDepartments, UpdateDepartment
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
from contracts.identity.users import CreateUser, DeactivateUser, GetMe, GetUser, ListUsers, ReactivateUser, UpdateUser
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
)
from contracts.opportunity.imports import ImportOpportunities
from contracts.opportunity.opportunities import (
    CreateOpportunity,
    GetOpportunity,
    ListOpportunities,
    ListStageHistory,
    LoseOpportunity,
    MoveOpportunity,
    UpdateOpportunity,
    WinOpportunity,
)
from contracts.opportunity.pipelines import CreatePipeline, GetPipeline, ListPipelines
from contracts.opportunity.products import CreateProduct, GetProduct, ListProducts
from contracts.opportunity.reports import GetFunnel
from contracts.pool import (
    ClaimCustomers,
    CreatePool,
    GetHolding,
    GetPool,
    ListFreeCustomers,
    ListHoldingHistory,
    ListHoldings,
    ListPools,
    ReleaseHolding,
)
from tideline_client.route import Route

ROUTES: dict[type[Request[Any]], Route] = {
    SignIn: Route("POST", "/v1/auth/token"),
    BeginProviderSignIn: Route("GET", "/v1/auth/oidc"),
    FinishProviderSignIn: Route("POST", "/v1/auth/oidc"),
    RefreshTokens: Route("POST", "/v1/auth/refreshes"),
    SignOut: Route("POST", "/v1/auth/sign-outs"),
    GetMe: Route("GET", "/v1/me"),
    ListMySessions: Route("GET", "/v1/me/sessions"),
    EndMySessions: Route("DELETE", "/v1/me/sessions"),
    ChangePassword: Route("POST", "/v1/me/passwords"),
    ListUsers: Route("GET", "/v1/users"),
    CreateUser: Route("POST", "/v1/users"),
    GetUser: Route("GET", "/v1/users/{user_id}"),
    UpdateUser: Route("PATCH", "/v1/users/{user_id}"),
    EndSessions: Route("DELETE", "/v1/users/{user_id}/sessions"),
    SetPassword: Route("POST", "/v1/users/{user_id}/passwords"),
    DeactivateUser: Route("POST", "/v1/users/{user_id}/deactivations"),
    ReactivateUser: Route("POST", "/v1/users/{user_id}/reactivations"),
    ListDepartments: Route("GET", "/v1/departments"),
    CreateDepartment: Route("POST", "/v1/departments"),
    GetDepartment: Route("GET", "/v1/departments/{department_id}"),
    UpdateDepartment: Route("PATCH", "/v1/departments/{department_id}"),
    ListAuditEntries: Route("GET", "/v1/audit"),
    ListApiKeys: Route("GET", "/v1/api-keys"),
    CreateApiKey: Route("POST", "/v1/api-keys"),
    GetApiKey: Route("GET", "/v1/api-keys/{key_id}"),
    RevokeApiKey: Route("DELETE", "/v1/api-keys/{key_id}"),
    ListCustomers: Route("GET", "/v1/customers"),
    CreateCustomer: Route("POST", "/v1/customers"),
    GetCustomer: Route("GET", "/v1/customers/{customer_id}"),
    UpdateCustomer: Route("PATCH", "/v1/customers/{customer_id}"),
    ListChanges: Route("GET", "/v1/customers/{customer_id}/history"),
    GetQualification: Route("GET", "/v1/customers/{customer_id}/qualification"),
    QualifyCustomer: Route("PATCH", "/v1/customers/{customer_id}/qualification"),
    ConvertLead: Route("POST", "/v1/customers/{customer_id}/conversions"),
    ListContacts: Route("GET", "/v1/customers/{customer_id}/contacts"),
    AddContact: Route("POST", "/v1/customers/{customer_id}/contacts"),
    GetContact: Route("GET", "/v1/customers/{customer_id}/contacts/{contact_id}"),
    UpdateContact: Route("PATCH", "/v1/customers/{customer_id}/contacts/{contact_id}"),
    RemoveContact: Route("DELETE", "/v1/customers/{customer_id}/contacts/{contact_id}"),
    ListCollaborators: Route("GET", "/v1/customers/{customer_id}/collaborators"),
    AddCollaborator: Route("POST", "/v1/customers/{customer_id}/collaborators"),
    RemoveCollaborator: Route("DELETE", "/v1/customers/{customer_id}/collaborators/{user_id}"),
    ListDictionaries: Route("GET", "/v1/dictionaries"),
    CreateDictionary: Route("POST", "/v1/dictionaries"),
    GetDictionary: Route("GET", "/v1/dictionaries/{dictionary_id}"),
    UpdateDictionary: Route("PATCH", "/v1/dictionaries/{dictionary_id}"),
    ListCustomFields: Route("GET", "/v1/custom-fields"),
    CreateCustomField: Route("POST", "/v1/custom-fields"),
    GetCustomField: Route("GET", "/v1/custom-fields/{custom_field_id}"),
    UpdateCustomField: Route("PATCH", "/v1/custom-fields/{custom_field_id}"),
    ListPools: Route("GET", "/v1/pools"),
    CreatePool: Route("POST", "/v1/pools"),
    GetPool: Route("GET", "/v1/pools/{pool_id}"),
    ListFreeCustomers: Route("GET", "/v1/pools/{pool_id}/customers"),
    ClaimCustomers: Route("POST", "/v1/pools/{pool_id}/claims"),
    ListHoldings: Route("GET", "/v1/holdings"),
    GetHolding: Route("GET", "/v1/holdings/{customer_id}"),
    ListHoldingHistory: Route("GET", "/v1/holdings/{customer_id}/history"),
    ReleaseHolding: Route("POST", "/v1/holdings/{customer_id}/releases"),
    ListPipelines: Route("GET", "/v1/pipelines"),
    CreatePipeline: Route("POST", "/v1/pipelines"),
    GetPipeline: Route("GET", "/v1/pipelines/{pipeline_id}"),
    ListOpportunities: Route("GET", "/v1/opportunities"),
    CreateOpportunity: Route("POST", "/v1/opportunities"),
    GetOpportunity: Route("GET", "/v1/opportunities/{opportunity_id}"),
    UpdateOpportunity: Route("PATCH", "/v1/opportunities/{opportunity_id}"),
    ListStageHistory: Route("GET", "/v1/opportunities/{opportunity_id}/stage-changes"),
    MoveOpportunity: Route("POST", "/v1/opportunities/{opportunity_id}/stage-changes"),
    WinOpportunity: Route("POST", "/v1/opportunities/{opportunity_id}/wins"),
    LoseOpportunity: Route("POST", "/v1/opportunities/{opportunity_id}/losses"),
    ListProducts: Route("GET", "/v1/products"),
    CreateProduct: Route("POST", "/v1/products"),
    GetProduct: Route("GET", "/v1/products/{product_id}"),
    ListActivities: Route("GET", "/v1/activities"),
    LogActivity: Route("POST", "/v1/activities"),
    GetActivity: Route("GET", "/v1/activities/{activity_id}"),
    ListFollowUps: Route("GET", "/v1/follow-ups"),
    ScheduleFollowUp: Route("POST", "/v1/follow-ups"),
    GetFollowUp: Route("GET", "/v1/follow-ups/{follow_up_id}"),
    CompleteFollowUp: Route("POST", "/v1/follow-ups/{follow_up_id}/completions"),
    ListNotices: Route("GET", "/v1/notices"),
    MarkNoticesRead: Route("POST", "/v1/notices/reads"),
    GetFunnel: Route("GET", "/v1/reports/funnel"),
    ImportCustomers: Route("POST", "/v1/imports/customers", seconds=30.0),
    ImportOpportunities: Route("POST", "/v1/imports/opportunities", seconds=30.0),
    ListWebhooks: Route("GET", "/v1/webhooks"),
    CreateWebhook: Route("POST", "/v1/webhooks"),
    GetWebhook: Route("GET", "/v1/webhooks/{webhook_id}"),
    UpdateWebhook: Route("PATCH", "/v1/webhooks/{webhook_id}"),
    RemoveWebhook: Route("DELETE", "/v1/webhooks/{webhook_id}"),
    RotateWebhookSecret: Route("POST", "/v1/webhooks/{webhook_id}/secrets"),
    PingWebhook: Route("POST", "/v1/webhooks/{webhook_id}/pings"),
    ListWebhookDeliveries: Route("GET", "/v1/webhooks/{webhook_id}/deliveries"),
    RedeliverWebhook: Route("POST", "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliveries"),
}
