"""The door of the identity service: who people are, where they belong, and whether they are who they say."""

from contracts.identity.api_keys import (
    ApiKey,
    ApiKeyPage,
    CreateApiKey,
    ExchangeApiKey,
    GetApiKey,
    ListApiKeys,
    NewApiKey,
    RevokeApiKey,
)
from contracts.identity.departments import (
    CreateDepartment,
    Department,
    DepartmentList,
    DescribedManagers,
    DescribeManagers,
    GetDepartment,
    ListDepartments,
    UpdateDepartment,
)
from contracts.identity.sessions import (
    AccessToken,
    AuditPage,
    BeginProviderSignIn,
    ChangePassword,
    EndedSessions,
    EndMySessions,
    EndSessions,
    FinishProviderSignIn,
    IssueToken,
    ListAuditEntries,
    ListMySessions,
    ProviderSignIn,
    RefreshTokens,
    SessionList,
    SetPassword,
    SignIn,
    SignOut,
)
from contracts.identity.users import (
    CreateUser,
    DeactivateUser,
    DescribedUsers,
    DescribeUsers,
    GetMe,
    GetUser,
    ListUserFacts,
    ListUsers,
    ReactivateUser,
    UpdateUser,
    User,
    UserFactsPage,
    UserPage,
)
from servicekit.rpc import answers, answers_anyone
from servicekit.service import Service
from servicekit.timers import every
from services.identity.issuer import Issuer, IssuerProvider
from services.identity.openid import OpenId, OpenIdExtension
from services.identity.operations import (
    api_keys,
    attempts,
    auditing,
    deactivation,
    departments,
    people,
    provider_sign_in,
    sessions,
    sign_in,
    tokens,
)


class IdentityService(Service):
    """People, departments, sign-in and tokens."""

    name = "identity"
    issuer: Issuer = IssuerProvider()
    openid: OpenId = OpenIdExtension()

    @answers_anyone(SignIn)
    def sign_in(self, request: SignIn) -> AccessToken:
        return sign_in.sign_in(self.db, request, self.issuer)

    @answers(IssueToken)
    def issue_token(self, request: IssueToken) -> AccessToken:
        return tokens.issue_token(self.db, request, self.issuer)

    @answers_anyone(BeginProviderSignIn)
    def begin_provider_sign_in(self, _request: BeginProviderSignIn) -> ProviderSignIn:
        return self.openid.begin()

    @answers_anyone(FinishProviderSignIn)
    def finish_provider_sign_in(self, request: FinishProviderSignIn) -> AccessToken:
        return provider_sign_in.finish(self.db, request, openid=self.openid, issuer=self.issuer)

    @answers_anyone(RefreshTokens)
    def refresh_tokens(self, request: RefreshTokens) -> AccessToken:
        return sessions.refresh(self.db, request, self.issuer)

    @answers_anyone(SignOut)
    def sign_out(self, request: SignOut) -> EndedSessions:
        return sessions.sign_out(self.db, request)

    @answers(ListMySessions)
    def list_my_sessions(self, _request: ListMySessions) -> SessionList:
        return sessions.list_mine(self.db, self.issuer)

    @answers(EndMySessions)
    def end_my_sessions(self, _request: EndMySessions) -> EndedSessions:
        return sessions.end_mine(self.db)

    @answers(EndSessions)
    def end_sessions(self, request: EndSessions) -> EndedSessions:
        return sessions.end(self.db, request)

    @answers(ChangePassword)
    def change_password(self, request: ChangePassword) -> EndedSessions:
        return sign_in.change_password(self.db, request)

    @answers(SetPassword)
    def set_password(self, request: SetPassword) -> EndedSessions:
        return sign_in.set_password(self.db, request)

    @answers(ListAuditEntries)
    def list_audit_entries(self, request: ListAuditEntries) -> AuditPage:
        return auditing.list_entries(self.db, request)

    @answers(GetMe)
    def get_me(self, _request: GetMe) -> User:
        return people.get_me(self.db)

    @answers(GetUser)
    def get_user(self, request: GetUser) -> User:
        return people.get_user(self.db, request)

    @answers(ListUsers)
    def list_users(self, request: ListUsers) -> UserPage:
        return people.list_users(self.db, request)

    @answers(DescribeManagers)
    def describe_managers(self, request: DescribeManagers) -> DescribedManagers:
        return departments.describe_managers(self.db, request)

    @answers(DescribeUsers)
    def describe_users(self, request: DescribeUsers) -> DescribedUsers:
        return people.describe_users(self.db, request)

    @answers(ListUserFacts)
    def list_user_facts(self, request: ListUserFacts) -> UserFactsPage:
        return people.list_user_facts(self.db, request)

    @answers(CreateUser)
    def create_user(self, request: CreateUser) -> User:
        return people.create_user(self.db, request)

    @answers(UpdateUser)
    def update_user(self, request: UpdateUser) -> User:
        return people.update_user(self.db, request)

    @answers(DeactivateUser)
    def deactivate_user(self, request: DeactivateUser) -> User:
        return deactivation.deactivate(self.db, request)

    @answers(ReactivateUser)
    def reactivate_user(self, request: ReactivateUser) -> User:
        return deactivation.reactivate(self.db, request)

    @answers(CreateApiKey)
    def create_api_key(self, request: CreateApiKey) -> NewApiKey:
        return api_keys.create(self.db, request)

    @answers(ListApiKeys)
    def list_api_keys(self, request: ListApiKeys) -> ApiKeyPage:
        return api_keys.list_keys(self.db, request)

    @answers(GetApiKey)
    def get_api_key(self, request: GetApiKey) -> ApiKey:
        return api_keys.get(self.db, request)

    @answers(RevokeApiKey)
    def revoke_api_key(self, request: RevokeApiKey) -> ApiKey:
        return api_keys.revoke(self.db, request)

    @answers_anyone(ExchangeApiKey)
    def exchange_api_key(self, request: ExchangeApiKey) -> AccessToken:
        return api_keys.exchange(self.db, request, self.issuer)

    @answers(ListDepartments)
    def list_departments(self, _request: ListDepartments) -> DepartmentList:
        return departments.list_departments(self.db)

    @answers(GetDepartment)
    def get_department(self, request: GetDepartment) -> Department:
        return departments.get_department(self.db, request)

    @answers(CreateDepartment)
    def create_department(self, request: CreateDepartment) -> Department:
        return departments.create_department(self.db, request)

    @answers(UpdateDepartment)
    def update_department(self, request: UpdateDepartment) -> Department:
        return departments.update_department(self.db, request)

    @every(seconds=60)
    def forget_old_failures(self) -> bool:
        return attempts.forget_old_failures(self.db)

    @every(seconds=300)
    def forget_expired_sessions(self) -> bool:
        return sessions.forget_expired(self.db, self.issuer)

    @every(seconds=3_600)
    def forget_old_audit_entries(self) -> bool:
        return auditing.forget_old(self.db)
