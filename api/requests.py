"""Request bodies as pydantic models, made from the arguments of the verbs.

The OpenAPI document shows the model, and requests are read by it. The JSON is parsed strictly before
(`api/json_input.py`); errors are reported as `web.problems.Invalid`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.params.models import Body, BodyModel
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    create_model,
    model_validator,
)

from api import help_texts, json_input
from api.arguments import VALUES
from api.verbs import Verb
from web.problems import Invalid, Problem

KEY_HEADER = "Idempotency-Key"
_KEY = re.compile(r"[!-~]{0,64}")


class Arguments(BaseModel):
    """The arguments of a request."""

    model_config = ConfigDict(extra="forbid")
    verb: ClassVar[Verb]

    @model_validator(mode="before")
    @classmethod
    def _has_what_the_verb_takes(cls, value: Any) -> dict[str, Any]:
        also = ("password",) if cls.verb.confirmed else ()
        given = json_input.an_object((), value)
        json_input.has_arguments((), given, cls.verb, also=also, beside=tuple(cls.verb.pins))
        return given

    def given(self) -> dict[str, Any]:
        """The arguments given, in the order of the table; objects are still ids."""
        return {name: value for name, value in self if name in self.model_fields_set}


def arguments_of(name: str, verb: Verb) -> type[Arguments]:
    """The model of the verb's arguments."""
    missing = verb.optional | verb.pins.keys()
    fields: dict[str, Any] = {
        each: (_type(name, each, verb), Field(default=None if each in missing else ...))
        for each in verb.payload_kinds
    }
    model = create_model(f"{name.title().replace('_', '')}Arguments", __base__=Arguments, **fields)
    model.verb = verb
    if verb.at_least_one:
        one_of_them: list[Any] = [{"required": [each]} for each in sorted(verb.optional)]
        model.model_config["json_schema_extra"] = {"anyOf": one_of_them}
    return model


def _type(verb_name: str, name: str, verb: Verb) -> Any:
    """The type that reads the argument; Invalid is no error of pydantic's and passes through the model."""
    value = VALUES[verb.payload_kinds[name]]
    schema = {**value.schema, "description": help_texts.of_argument(verb_name, name, value.help_text)}
    return Annotated[Any, PlainValidator(lambda given: value.read((name,), given)), WithJsonSchema(schema)]


class _JsonModel(BodyModel):
    """The body, whose size and key are checked before its content."""

    @classmethod
    def get_request_data(cls, request: HttpRequest, api: NinjaAPI, path_params: Any) -> dict[str, Any]:  # noqa: ARG003  django-ninja says what it is called with
        """The data of the operation's only argument; Problem or Invalid if it cannot be read."""
        content = _content(request)
        read_key(request.headers.get(KEY_HEADER, ""))
        return {cls.__read_from_single_attr__: json_input.document(content)}


class JsonBody(Body):  # type: ignore[misc]  # a FieldInfo, as each parameter of django-ninja is
    """The source of an operation's argument: the body, as `_JsonModel` reads it."""

    _model = _JsonModel

    @classmethod
    def _param_source(cls) -> str:
        return "body"


def read_key(header: str) -> str:
    """The client's idempotency key, empty without one; Invalid for an unusable one."""
    if not _KEY.fullmatch(header):
        raise Invalid(KEY_HEADER, "expects 1 to 64 visible characters of ASCII")
    return header


Key = Annotated[
    str, PlainValidator(read_key), WithJsonSchema({"type": "string", "pattern": f"^{_KEY.pattern}$"})
]


def _content(request: HttpRequest) -> bytes:
    """The body, if it is JSON and not too large."""
    if request.content_type != "application/json":
        raise Problem("request/not-json")
    if int(request.META.get("CONTENT_LENGTH") or 0) > json_input.MAX_BYTES:
        raise Problem("request/too-large")
    content = request.read(json_input.MAX_BYTES + 1)
    if len(content) > json_input.MAX_BYTES:
        raise Problem("request/too-large")
    return content
