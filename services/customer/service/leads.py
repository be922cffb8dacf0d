"""A part of the customer service's door. Leads: their checklists, conversion, and scores."""

from contracts.customer.customers import (
    Customer,
)
from contracts.customer.leads import ConvertLead, GetQualification, Qualification, QualifyCustomer
from contracts.customer.scores import GetScoring, Scoring, UpdateScoring
from servicekit.rpc import answers
from servicekit.service import Service
from servicekit.timers import every
from services.customer.operations import (
    leads,
    scores,
)


class Leads(Service):
    """Leads: their checklists, conversion, and scores."""

    @answers(GetQualification)
    def get_qualification(self, request: GetQualification) -> Qualification:
        return leads.get_qualification(self.db, request)

    @answers(QualifyCustomer)
    def qualify_customer(self, request: QualifyCustomer) -> Qualification:
        return leads.qualify(self.db, request)

    @answers(ConvertLead)
    def convert_lead(self, request: ConvertLead) -> Customer:
        return leads.convert(self.db, request)

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
