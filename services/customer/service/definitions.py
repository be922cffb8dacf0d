"""A part of the customer service's door. What people define: dictionaries, custom fields, segments, rules."""

from contracts.customer.classification import (
    ClassificationPreview,
    ClassificationRule,
    ClassificationRuleList,
    CreateClassificationRule,
    GetClassificationRule,
    ListClassificationRules,
    OrderClassificationRules,
    PreviewClassification,
    RemoveClassificationRule,
    RemovedClassificationRule,
    UpdateClassificationRule,
)
from contracts.customer.custom_fields import (
    CreateCustomField,
    CustomField,
    CustomFieldList,
    GetCustomField,
    ListCustomFields,
    UpdateCustomField,
)
from contracts.customer.customers import CustomerPage
from contracts.customer.dictionaries import (
    CreateDictionary,
    Dictionary,
    DictionaryList,
    GetDictionary,
    ListDictionaries,
    UpdateDictionary,
)
from contracts.customer.facts import DescribeClasses, DescribedClasses
from contracts.customer.segments import (
    CreateSegment,
    GetSegment,
    ListSegmentMembers,
    ListSegments,
    RemovedSegment,
    RemoveSegment,
    Segment,
    SegmentPage,
    UpdateSegment,
)
from servicekit.rpc import answers
from servicekit.service import Service
from servicekit.timers import every
from services.customer.operations import classification, classification_rules, custom_fields, dictionaries, segments


class Definitions(Service):
    """Dictionaries, custom fields, segments, classification."""

    @answers(ListDictionaries)
    def list_dictionaries(self, request: ListDictionaries) -> DictionaryList:
        return dictionaries.list_dictionaries(self.db, request)

    @answers(GetDictionary)
    def get_dictionary(self, request: GetDictionary) -> Dictionary:
        return dictionaries.get(self.db, request)

    @answers(CreateDictionary)
    def create_dictionary(self, request: CreateDictionary) -> Dictionary:
        return dictionaries.create(self.db, request)

    @answers(UpdateDictionary)
    def update_dictionary(self, request: UpdateDictionary) -> Dictionary:
        return dictionaries.update(self.db, request)

    @answers(ListCustomFields)
    def list_custom_fields(self, request: ListCustomFields) -> CustomFieldList:
        return custom_fields.list_custom_fields(self.db, request)

    @answers(GetCustomField)
    def get_custom_field(self, request: GetCustomField) -> CustomField:
        return custom_fields.get(self.db, request)

    @answers(CreateCustomField)
    def create_custom_field(self, request: CreateCustomField) -> CustomField:
        return custom_fields.create(self.db, request)

    @answers(UpdateCustomField)
    def update_custom_field(self, request: UpdateCustomField) -> CustomField:
        return custom_fields.update(self.db, request)

    @answers(ListSegments)
    def list_segments(self, request: ListSegments) -> SegmentPage:
        return segments.list_segments(self.db, request)

    @answers(GetSegment)
    def get_segment(self, request: GetSegment) -> Segment:
        return segments.get(self.db, request)

    @answers(CreateSegment)
    def create_segment(self, request: CreateSegment) -> Segment:
        return segments.create(self.db, request)

    @answers(UpdateSegment)
    def update_segment(self, request: UpdateSegment) -> Segment:
        return segments.update(self.db, request)

    @answers(RemoveSegment)
    def remove_segment(self, request: RemoveSegment) -> RemovedSegment:
        return segments.remove(self.db, request)

    @answers(ListSegmentMembers)
    def list_segment_members(self, request: ListSegmentMembers) -> CustomerPage:
        return segments.list_members(self.db, request)

    @answers(DescribeClasses)
    def describe_classes(self, request: DescribeClasses) -> DescribedClasses:
        return segments.describe_classes(self.db, request)

    @answers(ListClassificationRules)
    def list_classification_rules(self, request: ListClassificationRules) -> ClassificationRuleList:
        return classification_rules.list_rules(self.db, request)

    @answers(GetClassificationRule)
    def get_classification_rule(self, request: GetClassificationRule) -> ClassificationRule:
        return classification_rules.get(self.db, request)

    @answers(CreateClassificationRule)
    def create_classification_rule(self, request: CreateClassificationRule) -> ClassificationRule:
        return classification_rules.create(self.db, request)

    @answers(UpdateClassificationRule)
    def update_classification_rule(self, request: UpdateClassificationRule) -> ClassificationRule:
        return classification_rules.update(self.db, request)

    @answers(RemoveClassificationRule)
    def remove_classification_rule(self, request: RemoveClassificationRule) -> RemovedClassificationRule:
        return classification_rules.remove(self.db, request)

    @answers(OrderClassificationRules)
    def order_classification_rules(self, request: OrderClassificationRules) -> ClassificationRuleList:
        return classification_rules.order(self.db, request)

    @answers(PreviewClassification)
    def preview_classification(self, request: PreviewClassification) -> ClassificationPreview:
        return classification_rules.preview(self.db, request)

    @every(seconds=5)
    def classify_customers(self) -> bool:
        return classification.go_on(self.db)
