"""Classification: the rules that give customers their level and tags."""

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
from gateway.routing import Api
from servicekit.rpc import call

api = Api("classification")


@api.get("/v1/classification-rules")
def list_classification_rules(request: ListClassificationRules) -> ClassificationRuleList:
    """The rules in their order."""
    return call(request)


@api.post("/v1/classification-rules", status=201)
def create_classification_rule(request: CreateClassificationRule) -> ClassificationRule:
    """Add a rule below the others."""
    return call(request)


@api.put("/v1/classification-rules/order")
def order_classification_rules(request: OrderClassificationRules) -> ClassificationRuleList:
    """Put the rules in another order."""
    return call(request)


@api.post("/v1/classification-rules/preview")
def preview_classification(request: PreviewClassification) -> ClassificationPreview:
    """Count whom a rule would change, and change nobody."""
    return call(request)


@api.get("/v1/classification-rules/{rule_id}")
def get_classification_rule(request: GetClassificationRule) -> ClassificationRule:
    """One rule."""
    return call(request)


@api.patch("/v1/classification-rules/{rule_id}")
def update_classification_rule(request: UpdateClassificationRule) -> ClassificationRule:
    """Change a rule."""
    return call(request)


@api.delete("/v1/classification-rules/{rule_id}")
def remove_classification_rule(request: RemoveClassificationRule) -> RemovedClassificationRule:
    """Remove a rule."""
    return call(request)
