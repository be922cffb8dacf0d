"""The door of the customer service: the RPCs it answers and the events it hears."""

from contracts.activity import ActivityLogged
from contracts.base import Received
from contracts.customer.collaborators import (
    AddCollaborator,
    Collaborator,
    CollaboratorList,
    ListCollaborators,
    RemoveCollaborator,
    RemovedCollaborator,
)
from contracts.customer.contacts import (
    AddContact,
    Contact,
    ContactList,
    CustomerProfile,
    GetContact,
    GetCustomerProfile,
    ListContacts,
    RemoveContact,
    RemovedContact,
    UpdateContact,
)
from contracts.customer.customers import (
    CreateCustomer,
    Customer,
    CustomerPage,
    GetCustomer,
    ListCustomers,
    UpdateCustomer,
)
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
from contracts.customer.exports import ExportCustomers, TablePage
from contracts.customer.facts import CustomerFactsPage, DescribeCustomers, DescribedCustomers, ListCustomerFacts
from contracts.customer.history import ChangePage, ListChanges
from contracts.customer.import_jobs import (
    CancelImport,
    CreateImport,
    GetImport,
    Import,
    ImportErrors,
    ImportPage,
    ImportPreview,
    ListImportErrors,
    ListImports,
    PreviewImport,
    StartImport,
)
from contracts.customer.imports import ImportCustomers
from contracts.customer.leads import ConvertLead, GetQualification, Qualification, QualifyCustomer
from contracts.customer.scores import GetScoring, Scoring, UpdateScoring
from contracts.customer.uploads import AppendUpload, BeginUpload, FinishUpload, GetUpload, Upload
from contracts.identity.users import ListUserFacts, UserCreated, UserUpdated
from contracts.opportunity.opportunities import OpportunityLost, OpportunityOpened, OpportunityUpdated, OpportunityWon
from contracts.pool import (
    HoldingAssigned,
    HoldingClaimed,
    HoldingReleased,
    ListHoldingFacts,
    ListPoolFacts,
    PoolCreated,
)
from contracts.values import ImportResult
from servicekit.events import on
from servicekit.projections import Projection
from servicekit.rpc import answers
from servicekit.timers import every
from services.customer.definitions import Definitions
from services.customer.merging import Merging
from services.customer.operations import (
    collaborators,
    contacts,
    customers,
    duplicates,
    exports,
    figures,
    history,
    import_batches,
    import_jobs,
    import_reading,
    imports,
    leads,
    others,
    scores,
    suspicions,
    uploads,
)


class CustomerService(Merging, Definitions):
    """Companies and people, and the contacts of companies."""

    name = "customer"
    projections = {  # noqa: RUF012  named once, changed by nobody
        "users": Projection(ListUserFacts, others.keep_user_facts),
        "pools": Projection(ListPoolFacts, others.keep_pool_facts),
        "holders": Projection(ListHoldingFacts, others.keep_holder_facts),
    }

    @answers(CreateCustomer)
    def create_customer(self, request: CreateCustomer) -> Customer:
        return customers.create(self.db, request)

    @answers(GetCustomer)
    def get_customer(self, request: GetCustomer) -> Customer:
        return customers.get(self.db, request)

    @answers(UpdateCustomer)
    def update_customer(self, request: UpdateCustomer) -> Customer:
        return customers.update(self.db, request)

    @answers(ListCustomers)
    def list_customers(self, request: ListCustomers) -> CustomerPage:
        return customers.list_customers(self.db, request)

    @answers(DescribeCustomers)
    def describe_customers(self, request: DescribeCustomers) -> DescribedCustomers:
        return customers.describe(self.db, request)

    @answers(ListCustomerFacts)
    def list_customer_facts(self, request: ListCustomerFacts) -> CustomerFactsPage:
        return customers.list_facts(self.db, request)

    @answers(ImportCustomers)
    def import_customers(self, request: ImportCustomers) -> ImportResult:
        return imports.import_customers(self.db, request)

    @answers(ExportCustomers)
    def export_customers(self, request: ExportCustomers) -> TablePage:
        return exports.export(self.db, request)

    @answers(BeginUpload)
    def begin_upload(self, request: BeginUpload) -> Upload:
        return uploads.begin(self.db, self.runtime.files, request)

    @answers(AppendUpload)
    def append_upload(self, request: AppendUpload) -> Upload:
        return uploads.append(self.db, self.runtime.files, request)

    @answers(FinishUpload)
    def finish_upload(self, request: FinishUpload) -> Upload:
        return uploads.finish(self.db, request)

    @answers(GetUpload)
    def get_upload(self, request: GetUpload) -> Upload:
        return uploads.get(self.db, request)

    @answers(CreateImport)
    def create_import(self, request: CreateImport) -> Import:
        return import_jobs.create(self.db, request)

    @answers(GetImport)
    def get_import(self, request: GetImport) -> Import:
        return import_jobs.get(self.db, request)

    @answers(ListImports)
    def list_imports(self, request: ListImports) -> ImportPage:
        return import_jobs.list_imports(self.db, request)

    @answers(PreviewImport)
    def preview_import(self, request: PreviewImport) -> ImportPreview:
        return import_jobs.preview(self.db, self.runtime.files, request)

    @answers(StartImport)
    def start_import(self, request: StartImport) -> Import:
        return import_jobs.start(self.db, request)

    @answers(CancelImport)
    def cancel_import(self, request: CancelImport) -> Import:
        return import_jobs.cancel(self.db, self.runtime.files, request)

    @answers(ListImportErrors)
    def list_import_errors(self, request: ListImportErrors) -> ImportErrors:
        return import_jobs.errors(self.db, request)

    @every(seconds=1)
    def read_imports(self) -> bool:
        return import_reading.read_next(self.runtime.database, self.runtime.files)

    @every(seconds=1)
    def run_imports(self) -> bool:
        return import_batches.run_next(self.runtime.database, self.runtime.files)

    @every(seconds=600)
    def forget_uploads(self) -> bool:
        return uploads.forget_unused(self.db, self.runtime.files)

    @answers(GetCustomerProfile)
    def get_customer_profile(self, request: GetCustomerProfile) -> CustomerProfile:
        return contacts.profile(self.db, request)

    @answers(AddContact)
    def add_contact(self, request: AddContact) -> Contact:
        return contacts.add(self.db, request)

    @answers(GetContact)
    def get_contact(self, request: GetContact) -> Contact:
        return contacts.get(self.db, request)

    @answers(UpdateContact)
    def update_contact(self, request: UpdateContact) -> Contact:
        return contacts.update(self.db, request)

    @answers(RemoveContact)
    def remove_contact(self, request: RemoveContact) -> RemovedContact:
        return contacts.remove(self.db, request)

    @answers(ListContacts)
    def list_contacts(self, request: ListContacts) -> ContactList:
        return contacts.list_contacts(self.db, request)

    @answers(AddCollaborator)
    def add_collaborator(self, request: AddCollaborator) -> Collaborator:
        return collaborators.add(self.db, request)

    @answers(ListCollaborators)
    def list_collaborators(self, request: ListCollaborators) -> CollaboratorList:
        return collaborators.list_collaborators(self.db, request)

    @answers(RemoveCollaborator)
    def remove_collaborator(self, request: RemoveCollaborator) -> RemovedCollaborator:
        return collaborators.remove(self.db, request)

    @answers(ListChanges)
    def list_changes(self, request: ListChanges) -> ChangePage:
        return history.list_changes(self.db, request)

    @answers(GetQualification)
    def get_qualification(self, request: GetQualification) -> Qualification:
        return leads.get_qualification(self.db, request)

    @answers(QualifyCustomer)
    def qualify_customer(self, request: QualifyCustomer) -> Qualification:
        return leads.qualify(self.db, request)

    @answers(ConvertLead)
    def convert_lead(self, request: ConvertLead) -> Customer:
        return leads.convert(self.db, request)

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

    @answers(GetScoring)
    def get_scoring(self, request: GetScoring) -> Scoring:
        return scores.get_scoring(self.db, request)

    @answers(UpdateScoring)
    def update_scoring(self, request: UpdateScoring) -> Scoring:
        return scores.update_scoring(self.db, request)

    @every(seconds=10)
    def rescore_customers(self) -> bool:
        return scores.rescore(self.db)

    @every(seconds=600)
    def score_the_unscored(self) -> bool:
        return scores.begin_missing(self.db)

    @every(seconds=10)
    def end_collaborations(self) -> bool:
        return collaborators.end_what_is_over(self.db)

    @on(UserCreated, UserUpdated)
    def keep_user(self, event: Received[UserCreated]) -> None:
        others.keep_user(self.db, event)

    @on(PoolCreated)
    def keep_pool(self, event: Received[PoolCreated]) -> None:
        others.keep_pool(self.db, event)

    @on(HoldingClaimed)
    def follow_claim(self, event: Received[HoldingClaimed]) -> None:
        others.follow_claim(self.db, event)

    @on(HoldingReleased)
    def follow_release(self, event: Received[HoldingReleased]) -> None:
        others.follow_release(self.db, event)

    @on(OpportunityOpened, OpportunityUpdated, OpportunityWon)
    def keep_opportunity(self, event: figures.Told) -> None:
        figures.keep_opportunity(self.db, event)

    @on(OpportunityLost)
    def keep_loss(self, event: Received[OpportunityLost]) -> None:
        figures.keep_loss(self.db, event)

    @on(ActivityLogged)
    def keep_touch(self, event: Received[ActivityLogged]) -> None:
        figures.keep_touch(self.db, event)

    @on(ActivityLogged)
    def score_activity(self, event: Received[ActivityLogged]) -> None:
        scores.follow_activity(self.db, event)

    @on(HoldingAssigned)
    def follow_assignment(self, event: Received[HoldingAssigned]) -> None:
        others.follow_assignment(self.db, event)
