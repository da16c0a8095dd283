# SPDX-License-Identifier: MIT
"""The OpenAPI documents of tests/openapi: which operation a method and a path mean."""

import functools
import json
import pathlib
import re
import urllib.parse

from openapi_schema import Judge

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "openapi"
_PLACEHOLDER = re.compile(r"\{([^}]+)\}")


class Operation:
    """One method of one path."""

    def __init__(self, document, path, method, content):
        self.document = document
        self.name = content["operationId"]
        self.method = method.upper()
        self.parameters = content.get("parameters", [])
        self.responses = content["responses"]
        self.is_long = content.get("x-ms-long-running-operation", False)
        self.names = _PLACEHOLDER.findall(path)
        self.pattern = _pattern(path, document.service)
        self.weight = len(_PLACEHOLDER.sub("", path))

    def __repr__(self):
        return self.name

    def among(self, place):
        return {p["name"]: p for p in self.parameters if p["in"] == place}

    @property
    def body(self):
        return next((p for p in self.parameters if p["in"] == "body"), None)


def _pattern(path, service):
    parts, end = [], 0
    for found in _PLACEHOLDER.finditer(path):
        parts.append(re.escape(path[end:found.start()]))
        parts.append("(.+)" if found[1] == "scope" else "([^/]+)")  # a scope is itself a path
        end = found.end()
    # Resource Manager does not tell the cases of its path apart.
    return re.compile("".join(parts) + re.escape(path[end:]), re.I if service == "arm" else 0)


class Document:
    def __init__(self, entry, deviations):
        content = json.loads((FOLDER / entry["file"]).read_text())
        self.name = entry["file"].removesuffix(".json")
        self.service = entry.get("service")
        self.versions = entry.get("versions", [])
        self.base = content.get("basePath", "")
        definitions = content["definitions"]
        self.requests = Judge(definitions)
        self.responses = Judge(_widened(definitions, deviations.get("responses", [])))
        self.operations = [Operation(self, self.base + path, method, operation)
                           for path, methods in content["paths"].items()
                           for method, operation in methods.items()]
        self.operations += [self._alias(alias) for alias in deviations.get("paths", [])]

    def _alias(self, alias):
        """The same operation under another path, which then has fewer parameters."""
        known = next(o for o in self.operations if o.name == alias["operation"])
        content = {"operationId": known.name, "responses": known.responses,
                   "parameters": [p for p in known.parameters
                                  if p["in"] != "path" or f"{{{p['name']}}}" in alias["path"]]}
        return Operation(self, alias["path"], known.method, content)


def _widened(definitions, deviations):
    """A copy that also takes what the service really answers."""
    definitions = json.loads(json.dumps(definitions))
    for deviation in deviations:
        schema = definitions[deviation["definition"]]
        if "properties" in deviation:
            schema["properties"] = {**schema["properties"], **deviation["properties"]}
        if "values" in deviation:
            schema["enum"] = schema["enum"] + deviation["values"]
        for name in deviation.get("nullable", []):
            schema["properties"][name]["x-nullable"] = True
        if "optional" in deviation:
            schema["required"] = [n for n in schema["required"] if n not in deviation["optional"]]
    return definitions


class Documents:
    def __init__(self):
        entries = json.loads((FOLDER / "documents.json").read_text())
        deviations = json.loads((FOLDER / "deviations.json").read_text())
        self.all = [Document(entry, deviations.get(entry["file"].removesuffix(".json"), {}))
                    for entry in entries]

    def named(self, name):
        return next(document for document in self.all if document.name == name)

    def operations(self, service):
        return [o for document in self.all if document.service == service
                for o in document.operations]

    def find(self, service, method, path):
        """(operation, values of its path), or (None, the methods that the path does know)."""
        matches = [(operation, found) for operation in self.operations(service)
                   if (found := operation.pattern.fullmatch(path))]
        fitting = [(o, found) for o, found in matches if o.method == method]
        if not fitting:
            return None, sorted({o.method for o, _ in matches})
        operation, found = max(fitting, key=lambda match: match[0].weight)
        values = map(urllib.parse.unquote, found.groups())
        return operation, dict(zip(operation.names, values))


@functools.cache
def documents():
    return Documents()
