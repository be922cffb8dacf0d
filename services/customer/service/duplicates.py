"""A part of the customer service's door. Duplicates: checks, suspicions, policies, scans."""

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
from servicekit.rpc import answers
from servicekit.service import Service
from servicekit.timers import every
from services.customer.operations import (
    duplicates,
    suspicions,
)


class Duplicates(Service):
    """Duplicates: checks, suspicions, policies, scans."""

    @answers(CheckDuplicates)
    def check_duplicates(self, request: CheckDuplicates) -> DuplicateCheck:
        return duplicates.check(self.db, request)

    @answers(ListSuspicions)
    def list_suspicions(self, request: ListSuspicions) -> SuspicionPage:
        return suspicions.list_suspicions(self.db, request)

    @answers(GetSuspicion)
    def get_suspicion(self, request: GetSuspicion) -> Suspicion:
        return suspicions.get(self.db, request)

    @answers(DecideSuspicion)
    def decide_suspicion(self, request: DecideSuspicion) -> Suspicion:
        return suspicions.decide(self.db, request)

    @answers(ListDuplicatePolicies)
    def list_duplicate_policies(self, request: ListDuplicatePolicies) -> DuplicatePolicyList:
        return suspicions.list_policies(self.db, request)

    @answers(UpdateDuplicatePolicy)
    def update_duplicate_policy(self, request: UpdateDuplicatePolicy) -> DuplicatePolicy:
        return suspicions.update_policy(self.db, request)

    @answers(StartDuplicateScan)
    def start_duplicate_scan(self, request: StartDuplicateScan) -> DuplicateScan:
        return suspicions.start_scan(self.db, request)

    @answers(GetDuplicateScan)
    def get_duplicate_scan(self, request: GetDuplicateScan) -> DuplicateScan:
        return suspicions.get_scan(self.db, request)

    @answers(ListDuplicateScans)
    def list_duplicate_scans(self, request: ListDuplicateScans) -> DuplicateScanPage:
        return suspicions.list_scans(self.db, request)

    @every(seconds=2)
    def scan_for_duplicates(self) -> bool:
        return suspicions.scan_on(self.db)

    @every(seconds=5)
    def read_names(self) -> bool:
        return duplicates.read_unread(self.db)
