"""Suspected pairs and what is decided of them, the policies of duplicates, and the scan of all customers."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.customer.duplicates import (
    DecideSuspicion,
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
from servicekit import clock
from servicekit.context import caller
from servicekit.database import new_id
from servicekit.records import apply_changes, check_version
from services.customer import models
from services.customer.operations.duplicates import suspect
from services.customer.queries import duplicates as find
from services.customer.queries import suspicions as queries
from services.customer.queries.customers import count_all, customer_to_edit
from services.customer.rules import rights
from services.customer.rules.duplicates import compare

_SCANNED_AT_ONCE = 50


def list_suspicions(db: Session, request: ListSuspicions) -> SuspicionPage:
    """A page of the suspected pairs that the caller may see."""
    return queries.suspicions(db, caller(), request)


def get(db: Session, request: GetSuspicion) -> Suspicion:
    """A suspected pair that the caller may see."""
    return queries.suspicion(db, caller(), request.suspicion_id)


def decide(db: Session, request: DecideSuspicion) -> Suspicion:
    """Keep what somebody who may edit both says of a pair."""
    person = caller()
    seen = queries.suspicion(db, person, request.suspicion_id)
    for suspected in seen.customers:
        customer_to_edit(db, person, suspected.customer_id)
    record = queries.suspicion_to_change(db, request.suspicion_id)
    check_version(record, request.version)
    record.state, record.reason = request.state, request.reason
    record.decided_by = person.actor.model_dump(mode="json")
    db.flush()
    return queries.suspicion(db, person, record.id)


def list_policies(db: Session, request: ListDuplicatePolicies) -> DuplicatePolicyList:  # noqa: ARG001  it asks nothing
    """The policies of all ways in."""
    rights.check_is_person(caller().role)
    return DuplicatePolicyList(items=queries.policies(db))


def update_policy(db: Session, request: UpdateDuplicatePolicy) -> DuplicatePolicy:
    """Change a policy."""
    rights.check_may_set_policies(caller().role)
    record = queries.policy_to_change(db, request.policy_id)
    check_version(record, request.version)
    apply_changes(record, request.changes)
    db.flush()
    return queries.as_policy(record)


def start_scan(db: Session, request: StartDuplicateScan) -> DuplicateScan:  # noqa: ARG001  as above
    """Begin to compare all customers with each other, unless that is under way."""
    person = caller()
    rights.check_may_scan(person.role)
    scan = {
        "id": new_id(),
        "state": "running",
        "checked": 0,
        "total": count_all(db),
        "found": 0,
        "started_at": clock.now(),
        "started_by": person.actor.model_dump(mode="json"),
    }
    db.execute(insert(models.DuplicateScan).values(scan).on_conflict_do_nothing())
    return queries.as_scan(queries.scan_under_way(db))


def get_scan(db: Session, request: GetDuplicateScan) -> DuplicateScan:
    """How far a scan is."""
    rights.check_may_scan(caller().role)
    return queries.as_scan(queries.scan(db, request.scan_id))


def list_scans(db: Session, request: ListDuplicateScans) -> DuplicateScanPage:  # noqa: ARG001  as above
    """The last scans."""
    rights.check_may_scan(caller().role)
    return DuplicateScanPage(items=[queries.as_scan(scan) for scan in queries.scans(db)])


def scan_on(db: Session) -> bool:
    """Compare the next customers of the scan under way; True when there are more.

    How far it is commits together with what it found, so that it goes on from there whatever happens.
    """
    scan = queries.scan_to_go_on(db)
    if scan is None:
        return False
    records = find.after(db, scan.position, limit=_SCANNED_AT_ONCE)
    sought = {record.id: find.described(record) for record in records}
    others = find.alike(db, sought)
    scan.found += suspect(db, {id_: compare(one, others.get(id_, {})) for id_, one in sought.items()})
    scan.checked += len(records)
    if len(records) < _SCANNED_AT_ONCE:
        scan.state, scan.finished_at = "done", clock.now()
        return False
    scan.position = records[-1].id
    return True
