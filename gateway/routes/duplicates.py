"""Customers that may be the same: the check before one is added, suspected pairs, policies, scans."""

from contracts.customer.duplicates import (
    CheckDuplicates,
    DecideSuspicion,
    DuplicateCheck,
    DuplicatePolicy,
    DuplicatePolicyList,
    DuplicateScan,
    DuplicateScanPage,
    GetDuplicateScan,
    GetSuspicion,
    ListDuplicatePolicies,
    ListDuplicateScans,
    ListSuspicions,
    StartDuplicateScan,
    Suspicion,
    SuspicionPage,
    UpdateDuplicatePolicy,
)
from gateway.routing import Api
from servicekit.rpc import call

api = Api("duplicates")


@api.post("/v1/duplicate-checks")
def check_duplicates(request: CheckDuplicates) -> DuplicateCheck:
    """Look for customers that may be the same as this one."""
    return call(request)


@api.get("/v1/duplicates")
def list_suspicions(request: ListSuspicions) -> SuspicionPage:
    """Suspected pairs, the strongest first."""
    return call(request)


@api.get("/v1/duplicates/{suspicion_id}")
def get_suspicion(request: GetSuspicion) -> Suspicion:
    """One suspected pair."""
    return call(request)


@api.post("/v1/duplicates/{suspicion_id}/decisions")
def decide_suspicion(request: DecideSuspicion) -> Suspicion:
    """Say that two customers are distinct, or that this is open again."""
    return call(request)


@api.get("/v1/duplicate-policies")
def list_duplicate_policies(request: ListDuplicatePolicies) -> DuplicatePolicyList:
    """What becomes of a customer that may be there already."""
    return call(request)


@api.patch("/v1/duplicate-policies/{policy_id}")
def update_duplicate_policy(request: UpdateDuplicatePolicy) -> DuplicatePolicy:
    """Change a policy."""
    return call(request)


@api.post("/v1/duplicate-scans", status=201)
def start_duplicate_scan(request: StartDuplicateScan) -> DuplicateScan:
    """Begin to compare all customers with each other."""
    return call(request)


@api.get("/v1/duplicate-scans")
def list_duplicate_scans(request: ListDuplicateScans) -> DuplicateScanPage:
    """The last scans."""
    return call(request)


@api.get("/v1/duplicate-scans/{scan_id}")
def get_duplicate_scan(request: GetDuplicateScan) -> DuplicateScan:
    """How far a scan is."""
    return call(request)
