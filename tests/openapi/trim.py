#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the documents of this folder out of Microsoft's: trim.py SPECIFICATION-FOLDER

Of each document that documents.json names with a source, the listed operations are kept with every
definition and parameter that they reach, those of other files included (or, where definitions are
listed, just those); texts for people go. Nothing that says what is valid is changed. The examples that
documents.json names are copied to examples/OPERATION.json as they are."""
import json
import pathlib
import sys

WIDTH = 110
HERE = pathlib.Path(__file__).resolve().parent
# Members of a schema, operation or parameter that say nothing about validity.
PROSE = {"description", "summary", "title", "tags", "externalDocs", "example", "produces", "consumes",
         "deprecated", "security", "x-ms-examples", "x-ms-client-name", "x-ms-client-flatten",
         "x-ms-enum", "x-ms-azure-resource", "x-ms-external", "x-ms-parameter-location", "x-ms-odata",
         "x-ms-identifiers", "x-ms-client-default", "x-ms-code-generation-settings", "x-ms-parameter-grouping",
         "x-ms-client-request-id", "x-ms-request-id", "x-ms-skip-url-encoding", "x-ms-error-response",
         "x-nullable-by-client", "collectionFormat"}
# Members whose keys are names, not keywords.
NAMED = {"properties", "definitions", "parameters", "responses", "headers", "paths"}


class Bundle:
    """One document that grows by what its operations reach."""

    def __init__(self, source):
        self.source = source
        self.files = {}
        self.definitions = {}

    def load(self, path):
        if path not in self.files:
            self.files[path] = json.loads(path.read_text(encoding="utf-8-sig"))
        return self.files[path]

    def look_up(self, base, reference):
        """(file, its JSON, last word of the pointer) that a $ref in file `base` means."""
        file, pointer = reference.split("#", 1)
        path = (base.parent / file).resolve() if file else base
        value = self.load(path)
        for word in pointer.strip("/").split("/"):
            value = value[word]
        return path, value, word

    def name_of(self, path, word):
        """Definitions of other files are told apart by file and version: "types-v6.ErrorResponse"."""
        return word if path == self.source else f"{path.stem}-{path.parent.name}.{word}"

    def reference(self, base, reference):
        path, value, word = self.look_up(base, reference)
        if "/definitions/" not in reference:  # a parameter: written out where it is used
            return self.copy(path, value)
        name = self.name_of(path, word)
        if name not in self.definitions:
            self.definitions[name] = None  # it may refer to itself
            self.definitions[name] = self.copy(path, value)
        return {"$ref": "#/definitions/" + name}

    def copy(self, base, value, names=False):
        if isinstance(value, list):
            return [self.copy(base, each) for each in value]
        if not isinstance(value, dict):
            return value
        if isinstance(value.get("$ref"), str) and not names:
            rest = {k: v for k, v in value.items() if k != "$ref" and k not in PROSE}
            return {**self.reference(base, value["$ref"]), **rest}
        return {key: self.copy(base, each, names=not names and key in NAMED)
                for key, each in value.items() if names or key not in PROSE}


def trim(source, operations, definitions):
    bundle = Bundle(source)
    document = bundle.load(source)
    for name in definitions:
        bundle.reference(source, "#/definitions/" + name)
    wanted, paths = set(operations), {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if operation.get("operationId") in wanted:
                wanted.remove(operation["operationId"])
                paths.setdefault(path, {})[method] = bundle.copy(source, operation)
    if wanted:
        sys.exit(f"{source}: no operation {', '.join(sorted(wanted))}")
    return {"swagger": "2.0", "info": {"title": document["info"]["title"],
                                       "version": document["info"]["version"]},
            "paths": paths, "definitions": dict(sorted(bundle.definitions.items()))}


def fold(value, indent=0):
    """JSON in which whatever fits on a line stands on one."""
    text = json.dumps(value)
    if not isinstance(value, (dict, list)) or len(text) + indent < WIDTH:
        return text
    pad = " " * (indent + 1)
    if isinstance(value, list):
        return "[\n" + ",\n".join(pad + fold(v, indent + 1) for v in value) + "]"
    return "{\n" + ",\n".join(f"{pad}{json.dumps(k)}: {fold(v, indent + 1)}" for k, v in value.items()) + "}"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.splitlines()[0])
    root = pathlib.Path(sys.argv[1]).resolve()
    for entry in json.loads((HERE / "documents.json").read_text()):
        if "source" in entry:
            if not (root / entry["source"]).is_file():
                sys.exit(f"{root} holds no {entry['source']}: name the specification folder of a "
                         "checkout of azure-rest-api-specs")
            document = trim(root / entry["source"], entry.get("operations", []),
                            entry.get("definitions", []))
            (HERE / entry["file"]).write_text(fold(document) + "\n")
            for operation, path in entry.get("examples", {}).items():
                example = (root / entry["source"]).parent / path
                (HERE / "examples" / f"{operation}.json").write_bytes(example.read_bytes())


if __name__ == "__main__":
    main()
