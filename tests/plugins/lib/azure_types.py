# SPDX-License-Identifier: MIT
"""Bodies of Azure resources against data/azure_types.json. An expression of a template language, a
dict with "expression", may stand for any value."""

import json
import os
import re

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")


def load(name):
    with open(os.path.join(DATA, name), encoding="utf-8") as file:
        return json.load(file)


TYPES = load("azure_types.json")
PLAIN = {"string": str, "boolean": bool, "integer": int}


def is_expression(value):
    return isinstance(value, dict) and "expression" in value


def check_text(value, schema):
    if not schema.get("min", 0) <= len(value) <= schema.get("max", 1 << 20):
        return ["%r is too short or too long" % value]
    if not re.search(schema.get("pattern", ""), value):
        return ["%r does not match %s" % (value, schema["pattern"])]
    return []


def check_members(value, members):
    problems = ["unknown member '%s'" % name for name in value if name not in members]
    for name, schema in members.items():
        if name not in value:
            if schema.get("required"):
                problems.append("'%s' is missing" % name)
        elif schema.get("read_only"):
            problems.append("'%s' is read-only" % name)
        else:
            problems += ["%s: %s" % (name, text) for text in check(value[name], schema)]
    return problems


def check(value, schema):
    """What is wrong with a value, as a list of texts."""
    if is_expression(value) or schema.get("type") == "any":
        return []
    if "members" in schema:
        if not isinstance(value, dict):
            return ["%r is no object" % (value,)]
        return check_members(value, schema["members"])
    if "items" in schema:
        if not isinstance(value, list):
            return ["%r is no list" % (value,)]
        return [text for item in value for text in check(item, schema["items"])]
    if "values" in schema:
        return [] if value in schema["values"] else ["%r is not one of %s" %
                                                     (value, schema["values"])]
    if not isinstance(value, PLAIN[schema["type"]]) or (
            schema["type"] == "integer" and isinstance(value, bool)):
        return ["%r is no %s" % (value, schema["type"])]
    return check_text(value, schema) if schema["type"] == "string" else []


def has_member(kind, path):
    """Whether a resource of this type answers with properties.a.b..."""
    schema = TYPES[kind]
    for name in path:
        schema = schema.get("members", {}).get(name)
        if schema is None:
            return False
    return True
