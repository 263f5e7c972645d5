"""Types of the fields that records share: what mypy, the reader and the JSON Schema know of a field is written here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import core_schema


class Strict:
    """Base of records and of their parts: nothing is unknown and nothing converted, so that 1.0 is no integer."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


Scalar = str | int | float | bool

Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0)]
NonNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Ratio = Annotated[float, Field(ge=1)]

Shares = Annotated[Mapping[str, Share], Field(min_length=1)]
Provenance = Mapping[str, Text]
Architecture = Mapping[str, Scalar]


@dataclass(frozen=True)
class Holding:
    """The type of a mapping that must hold some names and may hold others; for `Annotated`.

    Attributes
    ----------
    names
        Each required name to the type of its value.
    others
        The type of every other value.
    """

    names: Mapping[str, Any]
    others: Any

    def __get_pydantic_core_schema__(self, _: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """The type as pydantic describes it, read as strictly as the record around it."""
        return core_schema.no_info_wrap_validator_function(
            _in_its_order,
            core_schema.typed_dict_schema(
                {
                    name: core_schema.typed_dict_field(handler.generate_schema(one), required=True)
                    for name, one in self.names.items()
                },
                extra_behavior="allow",
                extras_schema=handler.generate_schema(self.others),
                config=core_schema.CoreConfig(strict=True, allow_inf_nan=False),  # it does not take that of `Strict`
            ),
        )


def _in_its_order(facts: Any, validate: core_schema.ValidatorFunctionWrapHandler) -> Any:
    """What `validate` makes of a mapping, in the order of the file: a record that is written again keeps its bytes."""
    values = validate(facts)
    return {name: values[name] for name in facts}


Cost = Annotated[Mapping[str, float], Holding({"seconds": NonNegative}, NonNegative)]
_Packages = Annotated[Mapping[str, Text], Field(min_length=1)]
Environment = Annotated[
    Mapping[str, Any],
    Holding({"python": Text, "platform": Text, "packages": _Packages, "device": Text, "started": Text}, Any),
]

Names = Annotated[tuple[Text, ...], Field(min_length=2, json_schema_extra={"uniqueItems": True})]
"""Names, each once; `Classes` holds them to that, for which pydantic has no type."""
