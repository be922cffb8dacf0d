"""JSON Schemas of what travels, with the docstrings under fields as their descriptions."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from servicekit.docstrings import field_texts

Schema = dict[str, Any]


class ContractSchema(GenerateJsonSchema):
    """Pydantic's schemas with the docstrings under fields, without titles and null defaults that say nothing new."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  pydantic's signature
        """A field's title would only repeat its name."""
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        """A default of null says no more than `not required` does."""
        made = super().default_schema(schema)
        return {key: value for key, value in made.items() if key != "default" or value is not None}

    def model_schema(self, schema: core_schema.ModelSchema) -> Schema:
        """Put each field's docstring beside it."""
        made = super().model_schema(schema)
        for name, text in field_texts(schema["cls"]).items():
            if name in made.get("properties", {}):
                made["properties"][name]["description"] = text
        return made
