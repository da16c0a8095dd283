# SPDX-License-Identifier: MIT
"""Schemas of Azure's OpenAPI 2.0 documents as JSON Schema that refuses what is not in them.

An OpenAPI schema tolerates unknown members, spreads a type over allOf, and marks members that only
the service may set. `close` makes one flat object type of each schema in which every member is
known; `Judge` then tells what is wrong with a body that goes one way: to the service (with PUT,
PATCH or POST) or back from it.
"""

import datetime
import re
import uuid

import jsonschema

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_INTENT = {"PUT": {"create", "update"}, "POST": {"create", "update"}, "PATCH": {"update"}}

_formats = jsonschema.FormatChecker(formats=())


def _format(name):
    return _formats.checks(name, raises=ValueError)


@_format("uuid")
def _is_uuid(value):
    if isinstance(value, str) and not _UUID.fullmatch(value):
        uuid.UUID("not one")
    return True


@_format("date-time")
def _is_date_time(value):
    if isinstance(value, str):
        # Azure writes seven digits behind the point, Python reads six.
        text = re.sub(r"(\.\d{6})\d+", r"\1", value)
        if datetime.datetime.fromisoformat(re.sub("Z$", "+00:00", text)).tzinfo is None:
            raise ValueError("no time zone")
    return True


@_format("uri")
def _is_uri(value):
    return not isinstance(value, str) or re.match(r"https?://[^/\s]+", value) is not None


@_format("arm-id")
def _is_arm_id(value):
    return not isinstance(value, str) or value.startswith("/")


@_format("int32")
def _is_int32(value):
    return not isinstance(value, int) or -(1 << 31) <= value < 1 << 31


def _nullable(schema):
    if not schema.pop("x-nullable", False):
        return schema
    if "enum" in schema:
        schema["enum"] = schema["enum"] + [None]
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


class _Closer:
    def __init__(self, definitions):
        self.definitions = definitions

    def merged(self, schema):
        """The schema with everything that its allOf brings."""
        parts = []
        for part in schema.get("allOf", []):
            if "$ref" in part:
                part = self.definitions[part["$ref"].rsplit("/", 1)[1]]
            parts.append(self.merged(part))
        whole = {key: value for key, value in schema.items() if key != "allOf"}
        for part in parts:
            for key, value in part.items():
                if key == "properties":
                    whole["properties"] = {**value, **whole.get("properties", {})}
                elif key == "required":
                    whole["required"] = sorted({*value, *whole.get("required", [])})
                elif key != "readOnly":
                    whole.setdefault(key, value)
        return whole

    def close(self, schema):
        if "$ref" in schema:
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            target = self.definitions[schema["$ref"].rsplit("/", 1)[1]]
            if target.get("x-nullable"):
                rest["x-nullable"] = True
            # In this draft of JSON Schema what stands beside a $ref does not count.
            return _nullable({"allOf": [{"$ref": schema["$ref"]}], **rest})
        schema = dict(self.merged(schema))
        if "properties" in schema:
            schema["properties"] = {k: self.close(v) for k, v in schema["properties"].items()}
            schema.setdefault("type", "object")
            schema.setdefault("additionalProperties", False)
        if isinstance(schema.get("additionalProperties"), dict):
            schema["additionalProperties"] = self.close(schema["additionalProperties"])
        if "items" in schema:
            schema["items"] = self.close(schema["items"])
        return _nullable(schema)


def close(definitions):
    """The definitions of a document, each flat and closed."""
    closer = _Closer(definitions)
    return {name: {k: v for k, v in closer.close(schema).items() if k != "readOnly"}
            for name, schema in definitions.items()}


def close_one(schema, definitions):
    return _Closer(definitions).close(schema)


def _mutability(intents):
    def keyword(_, allowed, instance, schema):
        if not intents & set(allowed):
            yield jsonschema.ValidationError("may not be sent here")
    return keyword


def _read_only(_, is_read_only, instance, schema):
    if is_read_only:
        yield jsonschema.ValidationError("is set by the service alone")


def _required_to_send(validator, required, instance, schema):
    """What is read-only cannot be demanded of a request."""
    for name in required:
        if isinstance(instance, dict) and name not in instance and \
                not schema.get("properties", {}).get(name, {}).get("readOnly"):
            yield jsonschema.ValidationError(f"{name!r} is missing")


class Judge:
    """Judges bodies by the closed definitions of one document."""

    def __init__(self, definitions):
        self.root = {"definitions": close(definitions)}
        self.definitions = definitions

    def _validator(self, keywords, schema):
        base = jsonschema.validators.extend(jsonschema.Draft4Validator, keywords)
        whole = {**close_one(schema, self.definitions), **self.root}
        return base(whole, format_checker=_formats)

    def _problems(self, keywords, schema, body):
        for error in self._validator(keywords, schema).iter_errors(body):
            where = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path)
            yield f"body{where}: {error.message}"

    def request(self, method, schema, body):
        keywords = {"readOnly": _read_only, "required": _required_to_send,
                    "x-ms-mutability": _mutability(_INTENT[method])}
        return list(self._problems(keywords, schema, body))

    def response(self, schema, body):
        return list(self._problems({"x-ms-mutability": _mutability({"read"})}, schema, body))

    def value(self, schema, value):
        """One parameter of path, query or header."""
        return [error.message for error in self._validator({}, schema).iter_errors(value)]
