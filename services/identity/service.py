"""The door of the identity service: who people are, where they belong, and whether they are who they say."""

from contracts.identity import (
    AccessToken,
    CreateDepartment,
    CreateUser,
    Department,
    DepartmentList,
    DescribedUsers,
    DescribeUsers,
    GetMe,
    GetUser,
    IssueToken,
    ListDepartments,
    ListUserFacts,
    ListUsers,
    SignIn,
    UpdateDepartment,
    UpdateUser,
    User,
    UserFactsPage,
    UserPage,
)
from servicekit.rpc import answers, answers_anyone
from servicekit.service import Service
from servicekit.timers import every
from services.identity.issuer import Issuer, IssuerProvider
from services.identity.operations import departments, people, sign_in


class IdentityService(Service):
    """People, departments, sign-in and tokens."""

    name = "identity"
    issuer: Issuer = IssuerProvider()

    @answers_anyone(SignIn)
    def sign_in(self, request: SignIn) -> AccessToken:
        return sign_in.sign_in(self.db, request, self.issuer)

    @answers(IssueToken)
    def issue_token(self, request: IssueToken) -> AccessToken:
        return sign_in.issue_token(self.db, request, self.issuer)

    @answers(GetMe)
    def get_me(self, _request: GetMe) -> User:
        return people.get_me(self.db)

    @answers(GetUser)
    def get_user(self, request: GetUser) -> User:
        return people.get_user(self.db, request)

    @answers(ListUsers)
    def list_users(self, request: ListUsers) -> UserPage:
        return people.list_users(self.db, request)

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

    @answers(ListDepartments)
    def list_departments(self, _request: ListDepartments) -> DepartmentList:
        return departments.list_departments(self.db)

    @answers(CreateDepartment)
    def create_department(self, request: CreateDepartment) -> Department:
        return departments.create_department(self.db, request)

    @answers(UpdateDepartment)
    def update_department(self, request: UpdateDepartment) -> Department:
        return departments.update_department(self.db, request)

    @every(seconds=60)
    def forget_old_failures(self) -> bool:
        return sign_in.forget_old_failures(self.db)
