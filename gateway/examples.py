"""Examples of request bodies and answers, the same on every run, made from the schemas and what fields are called."""

import re
from typing import Any
from zlib import crc32

Schema = dict[str, Any]

_BY_FIELD: dict[str, Any] = {
    "access_token": "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl",
    "actor": "user:019aa6b2-0000-7000-8000-00000000000a",
    "address": "info@acme.example",
    "amount": "1054.00",
    "by": "Mei Lin",
    "city": "Shanghai",
    "closed_on": "2026-11-20",
    "competitor": "Contoso",
    "content": "Wants an offer for 20 licences.",
    "country": "CN",
    "currency": "USD",
    "customer": {"id": "019aa6b2-0000-7000-8000-00000000000c", "name": "Acme Trading Ltd"},
    "detail": "You hold this customer now.",
    "disabled_reason": None,
    "e164": "+862161234567",
    "email": "mei.lin@tideline.example",
    "employer": None,
    "error": "",
    "external_id": "1C1I7A6R",
    "former_owner": None,
    "full_name": "Mei Lin",
    "holidays_of": "PL",
    "industry": "retail",
    "label": "office",
    "language": "zh",
    "last_answer": "",
    "legal_name": "Acme Trading Co., Ltd.",
    "level": "A",
    "link": "/customers/019aa6b2-0000-7000-8000-00000000000c",
    "loss_reason": None,
    "name": "Acme Trading Ltd",
    "network": "wechat",
    "next_cursor": None,
    "note": "Ask about the trial.",
    "number": "+86 21 6123 4567",
    "outcome": "interested",
    "owner": {"id": "019aa6b2-0000-7000-8000-00000000000a", "name": "Mei Lin"},
    "parent": None,
    "password": "correct horse battery",
    "pool": None,
    "postal_code": "200040",
    "price": {"amount": "550.00", "currency": "USD"},
    "probability": 20,
    "product": "GTX Basic",
    "reason": "no_budget",
    "reasoning": {"en": "No follow-up since November 1, 2026. Limit in days: 30, to the end of December 1, 2026."},
    "reclaim_rule": "no_follow_up",
    "region": "Shanghai",
    "registration_number": "913100001322",
    "remind_before_minutes": [0, 1440],
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "series": "GTX",
    "size": 250,
    "source": "trade fair",
    "stage": "Engaging",
    "street": "88 Nanjing West Road",
    "tags": ["key account"],
    "text": "Acme Trading Ltd: ask about the trial.",
    "time_zone": "Asia/Shanghai",
    "title": "Follow-up due",
    "types": ["opportunity.won", "customer.*"],
    "url": "https://erp.acme.example/hooks/crm",
    "warn_days": [7, 3, 1],
    "website": "https://acme.example",
}
_BY_MODEL: dict[str, dict[str, Any]] = {
    "Contact": {"name": "Jan Kowalski", "title": "Buyer", "department": "Purchasing", "note": ""},
    "Department": {"name": "Sales East"},
    "FieldChange": {"field": "level", "before": None, "after": "A"},
    "Handle": {"name": "acme-trading"},
    "NewStage": {"name": "Engaging"},
    "Opportunity": {"name": "Acme: 20 licences"},
    "Pipeline": {"name": "Direct sales"},
    "Pool": {"name": "Open customers"},
    "PoolRef": {"name": "Open customers"},
    "Product": {"name": "GTX Basic"},
    "Section_Holding_": {"status": "ok", "reason": None},
    "Stage": {"name": "Engaging"},
    "User": {"name": "mei.lin"},
    "UserRef": {"name": "Mei Lin"},
    "AddContact": {"name": "Jan Kowalski"},
    "ContactChanges": {"title": "Head of purchasing"},
    "CreateDepartment": {"name": "Sales East"},
    "CreateOpportunity": {"name": "Acme: 20 licences", "amount": {"amount": "1054.00", "currency": "USD"}},
    "CreatePipeline": {"name": "Direct sales"},
    "CreatePool": {"name": "Key accounts"},
    "CreateProduct": {"name": "GTX Basic", "series": "GTX"},
    "CreateUser": {"name": "mei.lin", "password": "correct horse battery", "role": "rep", "language": "zh"},
    "DictionaryItem": {"key": "trade_fair", "labels": {"en": "Trade fair", "zh": "展会", "pl": "Targi"}},
    "Labels": {"en": "Sources", "zh": "来源", "pl": "Źródła"},
    "CreateDictionary": {"key": "sources", "items": [{"key": "trade_fair", "labels": {"en": "Trade fair"}}]},
    "DictionaryChanges": {"labels": {"en": "Sources", "zh": "来源", "pl": "Źródła"}},
    "CustomField": {
        "key": "budget",
        "labels": {"en": "Budget"},
        "type": "money",
        "dictionary_id": None,
        "default": None,
    },
    "AddAttachment": {"name": "Contract 2026.pdf"},
    "Attachment": {"name": "Contract 2026.pdf", "size": 182_044},
    "ClassificationRule": {
        "name": "Large retailers",
        "condition": {"field": "size", "op": "gte", "value": 1000},
        "level": "A",
        "tags": ["key account"],
    },
    "ClassificationRuleChanges": {"active": False},
    "CreateClassificationRule": {
        "name": "Large retailers",
        "condition": {"field": "size", "op": "gte", "value": 1000},
        "level": "A",
    },
    "CreateCustomField": {"kind": "company", "key": "budget", "labels": {"en": "Budget"}, "type": "money"},
    "CustomFieldChanges": {"required": True},
    "Customer": {"custom": {"budget": {"amount": "1054.00", "currency": "USD"}}},
    "Rule": {"all": None, "any": None, "not": None, "field": "level", "op": "eq", "value": "A"},
    "Segment": {"name": "Key accounts", "shared_with": ["rep"]},
    "SegmentRef": {"name": "Key accounts"},
    "CreateSegment": {"name": "Key accounts", "rule": {"field": "level", "op": "eq", "value": "A"}},
    "SegmentChanges": {"rule": {"any": [{"field": "open_count", "op": "gte", "value": 1}]}},
    "CreateCustomer": {
        "kind": "company",
        "phones": [{"number": "+86 21 6123 4567", "label": "office"}],
        "emails": [{"address": "info@acme.example"}],
        "website": "https://acme.example",
    },
    "CustomerChanges": {"lifecycle": "marketing_qualified", "level": "A"},
    "DepartmentChanges": {"name": "Sales East"},
    "LogActivity": {
        "kind": "call",
        "content": "Wants an offer for 20 licences.",
        "next_follow_up": {"due_at": "2026-11-22T09:00:00Z", "note": "Send the offer."},
    },
    "LoseOpportunity": {"reason": "Too expensive", "competitor": "Contoso"},
    "OpportunityChanges": {"expected_close_on": "2027-01-31"},
    "OpportunityRow": {"name": "Acme: 20 licences", "owner": "Mei Lin"},
    "PreviewClassification": {"condition": {"field": "size", "op": "gte", "value": 1000}, "level": "A"},
    "PreviewReclaim": {"until": "2026-12-31"},
    "QualificationChanges": {"answers": {"budget": {"met": True, "note": "20,000 USD are approved."}}},
    "RulesChanges": {
        "clocks": {"no_follow_up_days": 30, "no_opportunity_days": None, "no_deal_days": None, "hard_maximum_days": 180}
    },
    "SignIn": {"name": "mei.lin"},
    "UserChanges": {"role": "manager"},
    "WebhookChanges": {"active": False},
    "WinOpportunity": {"amount": {"amount": "1054.00", "currency": "USD"}},
}
"""What a field holds in one kind of record; in a request, also which of the fields that may be left out are shown."""
_BY_FORMAT = {"date-time": "2026-11-21T09:30:00Z", "date": "2026-11-21", "email": "mei.lin@tideline.example"}
_BY_TYPE = {"boolean": False, "number": 1.0, "null": None}


class Examples:
    """Examples over one set of schemas by name."""

    def __init__(self, schemas: dict[str, Schema]) -> None:
        self._schemas = schemas

    def of(self, schema: Schema, *, field: str = "") -> Any:
        """What an answer, or a merge patch, or a part of either may look like."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._of_named(name.partition("-")[0], self._schemas[name], field)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        if "anyOf" in schema:
            return self.of(schema["anyOf"][0], field=field)
        if schema.get("type") == "array":
            return [self.of(schema["items"], field=field.removesuffix("s"))]
        return self._plain(schema, field)

    def of_request(self, name: str, schema: Schema) -> dict[str, Any]:
        """A request's body: the fields that must be there, and those that are worth showing."""
        return self._shown(name, schema, set(schema.get("required", [])))

    def _of_named(self, name: str, schema: Schema, field: str) -> Any:
        if "properties" not in schema:
            return self.of(schema, field=field)
        if schema.get("additionalProperties") is False:  # as requests have it
            return self._shown(name, schema, set(schema.get("required", [])))
        return self._shown(name, schema, set(schema["properties"]))

    def _shown(self, name: str, schema: Schema, shown: set[str]) -> dict[str, Any]:
        special = _BY_MODEL.get(name, {})
        return {
            field: special[field] if field in special else self._value(field, value)
            for field, value in schema["properties"].items()
            if field in shown or field in special
        }

    def _value(self, field: str, schema: Schema) -> Any:
        if field in _BY_FIELD and self._suits(_BY_FIELD[field], schema):
            return _BY_FIELD[field]
        return self.of(schema, field=field)

    def _suits(self, value: Any, schema: Schema) -> bool:
        """Whether a value can stand in a field of its name here; elsewhere the same name may mean something else."""
        options = schema.get("anyOf", [schema])
        if value is None:
            return {"type": "null"} in options
        if isinstance(value, dict):
            names = [option["$ref"].rpartition("/")[2] for option in options if "$ref" in option]
            return any(value.keys() == self._schemas[name].get("properties", {}).keys() for name in names)
        kind = {str: "string", int: "integer", list: "array"}[type(value)]
        return any(option.get("type") == kind and option.keys().isdisjoint({"enum", "format"}) for option in options)

    def _plain(self, schema: Schema, field: str) -> Any:
        if schema.get("format") == "uuid":
            return f"019aa6b2-0000-7000-8000-{crc32(field.encode()):012x}"
        if schema.get("format") in _BY_FORMAT:
            return _BY_FORMAT[schema["format"]]
        kind = schema.get("type", "object")
        if kind == "string":
            return _text(schema, field)
        if kind == "integer":
            return max(1, schema.get("minimum", 1))
        return {} if kind == "object" else _BY_TYPE[kind]


def _text(schema: Schema, field: str) -> str:
    """The field's name in words, or where that does not do, a number or letters."""
    least = schema.get("minLength", 0)
    for text in (field.replace("_", " "), "1054.00", field, "A", "AAA"):
        if len(text) >= least and re.search(schema.get("pattern", ""), text):
            return text
    return "correct horse battery staple"
