"""What an API key must be allowed for each request: a line that changes here changes what existing keys can do."""

from collections import defaultdict

from contracts.scopes import Scope, covers, scope_of
from deploy.docs import catalogue

OPEN = {
    "activity:read": "GetActivity GetCustomerActivity GetFollowUp ListActivities ListFollowUps",
    "activity:write": "CompleteFollowUp LogActivity ScheduleFollowUp",
    "customer:read": (
        "CheckDuplicates ExportCustomers GetAttachment GetAttachmentPart GetClassificationRule GetContact"
        " GetCustomField GetCustomer GetCustomerProfile GetDictionary GetDuplicateScan GetImport GetMerge"
        " GetQualification GetScoring GetSegment GetSuspicion GetUpload ListAttachments ListChanges"
        " ListClassificationRules ListCollaborators ListContacts ListCustomFields ListCustomers ListDictionaries"
        " ListDuplicatePolicies ListDuplicateScans ListImportErrors ListImports ListMerges ListSegmentMembers"
        " ListSegments ListSuspicions PreviewClassification PreviewImport"
    ),
    "customer:write": (
        "AddAttachment AddCollaborator AddContact AppendUpload BeginUpload CancelImport ConvertLead"
        " CreateClassificationRule CreateCustomField CreateCustomer CreateDictionary CreateImport CreateSegment"
        " DecideSuspicion DeleteCustomer FinishUpload ImportCustomers MergeCustomers OrderClassificationRules"
        " QualifyCustomer RemoveAttachment RemoveClassificationRule RemoveCollaborator RemoveContact RemoveSegment"
        " RestoreCustomer RevertImport StartDuplicateScan StartImport UndoMerge UpdateClassificationRule"
        " UpdateContact UpdateCustomField UpdateCustomer UpdateDictionary UpdateDuplicatePolicy UpdateScoring"
        " UpdateSegment"
    ),
    "events:read": "ListEvents",
    "identity:read": "GetDepartment GetUser ListDepartments ListUsers",
    "opportunity:read": (
        "GetCustomerOpportunities GetFunnel GetOpportunity GetPipeline GetProduct ListOpportunities ListPipelines"
        " ListProducts ListStageHistory"
    ),
    "opportunity:write": (
        "CreateOpportunity CreatePipeline CreateProduct ImportOpportunities LoseOpportunity MoveOpportunity"
        " UpdateOpportunity WinOpportunity"
    ),
    "pool:read": (
        "GetHolding GetPool GetPoolRules ListFreeCustomers ListHoldingHistory ListHoldings ListPools PreviewReclaim"
    ),
    "pool:write": (
        "AssignHolding AssignHoldings ClaimCustomers CreatePool EndProtection ProtectHolding ReleaseHolding"
        " ReleaseHoldings TransferHolding TransferHoldings UpdatePool UpdatePoolRules"
    ),
}
"""Every request that is open to API keys, by the scope that opens it; all others are closed to them."""


class TestScopeOf:
    def test_just_these_requests_are_open_and_each_to_one_scope(self) -> None:
        found: dict[str, list[str]] = defaultdict(list)
        for request in catalogue.requests():
            if (scope := scope_of(request)) is not None:
                found[scope].append(request.__name__)
        assert {scope: " ".join(sorted(names)) for scope, names in found.items()} == OPEN

    def test_there_is_no_scope_that_opens_nothing(self) -> None:
        assert OPEN.keys() == set(Scope)


class TestCovers:
    def test_a_scope_covers_itself(self) -> None:
        assert all(covers([scope], scope) for scope in Scope)

    def test_writing_holds_reading(self) -> None:
        assert covers(["pool:write"], Scope.POOL_READ)

    def test_reading_does_not_hold_writing(self) -> None:
        assert not covers(["pool:read"], Scope.POOL_WRITE)

    def test_one_services_scope_is_nothing_to_another_service(self) -> None:
        assert not covers(["customer:write"], Scope.POOL_READ)
