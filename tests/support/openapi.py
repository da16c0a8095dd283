#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds what was said to Azure, and what was answered, against the official OpenAPI documents.

    for finding in openapi.check(emulator.transcript()):
        print(finding)

    openapi.py TRANSCRIPT        the same for the file that acsmtp-emulator --transcript wrote

Looked at are the services arm, graph and keyvault. A request is wrong when no document knows its
method and path, when its api-version, a parameter or a member of its body is unknown, missing or ill
formed, or when it sends what only the service may set. A URL outside the documents is right when the
service has handed it out (Azure-AsyncOperation, Location, nextLink), byte for byte. An answer is wrong
when its status or a member of its body is not in the document, tests/openapi/deviations.json aside, and
when it grants a wrong request.
"""

import collections
import json
import sys
import urllib.parse

from openapi_document import documents

SERVICES = ("arm", "graph", "keyvault")

# line of the transcript, "request" or "response", the operation or the call, what is wrong
Finding = collections.namedtuple("Finding", "line side what problem")
Finding.__str__ = lambda self: f"{self.line}: {self.side} of {self.what}: {self.problem}"


class _Body:
    """A body as the transcript has it: nothing, JSON, or something else."""

    def __init__(self, text):
        self.text = text
        self.json = None
        self.is_json = False
        try:
            self.json = json.loads(text) if text else None
            self.is_json = bool(text)
        except ValueError:
            pass

    def __bool__(self):
        return bool(self.text)


def _header(headers, name):
    return next((v for k, v in headers.items() if k.lower() == name.lower()), None)


def _typed(parameter, text):
    """A text of path, query or header as the type that its schema speaks of."""
    if parameter.get("type") == "integer" and text.lstrip("-").isdigit():
        return int(text)
    if parameter.get("type") == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


class Checker:
    """Remembers from one exchange to the next which URLs the service has handed out."""

    def __init__(self):
        self.documents = documents()
        self.handed_out = {}  # URL: the operation of the page behind it, or None
        self.seen = collections.Counter()  # names of operations

    # requests

    def request(self, entry):
        """(the operation or None, list of problems)"""
        method, url = entry["method"], entry["url"]
        if method == "GET" and url in self.handed_out:
            return self.handed_out[url], [] if self._has_token(entry) else ["no Authorization"]
        parts = urllib.parse.urlsplit(url)
        operation, more = self.documents.find(entry["service"], method, parts.path)
        if operation is None:
            known = f", which takes {', '.join(more)}" if more else ""
            return None, [f"no document knows {method} {parts.path}{known}"]
        self.seen[operation.name] += 1
        problems = self._path(operation, more) + self._query(operation, parts.query)
        return operation, problems + self._headers(operation, entry) + self._body(operation, entry)

    @staticmethod
    def _has_token(entry):
        return _header(entry["request_headers"], "Authorization") is not None

    def _value(self, operation, parameter, text):
        schema = {k: v for k, v in parameter.items() if k not in ("name", "in", "required")}
        return [f"{parameter['in']} parameter {parameter['name']}: {problem}" for problem in
                operation.document.requests.value(schema, _typed(parameter, text))]

    def _path(self, operation, values):
        problems = []
        for name, parameter in operation.among("path").items():
            problems += self._value(operation, parameter, values[name])
        if "scope" in values and not self._is_scope(values["scope"]):
            problems.append(f"no document knows the scope /{values['scope']}")
        return problems

    def _is_scope(self, scope):
        operation, _ = self.documents.find("arm", "GET", "/" + scope.strip("/"))
        return operation is not None and scope == scope.strip("/")

    def _query(self, operation, query):
        problems, known = [], operation.among("query")
        given = urllib.parse.parse_qsl(query, keep_blank_values=True)
        for name, count in collections.Counter(name for name, _ in given).items():
            if name not in known:
                problems.append(f"unknown query parameter {name}")
            if count > 1:
                problems.append(f"query parameter {name} stands {count} times")
        for name, text in given:
            if name in known:
                problems += self._value(operation, known[name], text)
        for name, parameter in known.items():
            if parameter.get("required") and name not in dict(given):
                problems.append(f"query parameter {name} is missing")
        version = dict(given).get("api-version")
        if version is not None and version not in operation.document.versions:
            problems.append(f"api-version {version} is not known for {operation.document.name}")
        return problems

    def _headers(self, operation, entry):
        problems, headers = [], entry["request_headers"]
        if not self._has_token(entry) and not self._is_challenge(entry):
            problems.append("no Authorization")
        for name, parameter in operation.among("header").items():
            text = _header(headers, name)
            if text is not None:
                problems += self._value(operation, parameter, text)
            elif parameter.get("required"):
                problems.append(f"header {name} is missing")
        if operation.body and entry["request_body"]:
            kind = (_header(headers, "Content-Type") or "").split(";")[0].strip()
            if kind != "application/json":
                problems.append(f"Content-Type is {kind or 'missing'}, not application/json")
        return problems

    @staticmethod
    def _is_challenge(entry):
        """Key Vault tells its tenant to whoever asks without a token and without a body; it may
        also be out of order."""
        status = entry["status"]
        return (entry["service"] == "keyvault" and not entry["request_body"]
                and (status in (0, 401, 429) or status >= 500))

    def _body(self, operation, entry):
        body, parameter = _Body(entry["request_body"]), operation.body
        if not body:
            missing = parameter and parameter.get("required") and not self._is_challenge(entry)
            return ["the body is missing"] if missing else []
        if parameter is None:
            return ["a body where none belongs"]
        if not body.is_json:
            return ["the body is not JSON"]
        return operation.document.requests.request(operation.method, parameter["schema"], body.json)

    # responses

    def response(self, operation, entry):
        """List of problems. Takes note of the links in it."""
        if entry["status"] == 0:
            return []
        self._take_links(operation, entry)
        if operation is None:
            return self._monitor(entry)
        status = entry["status"]
        content = operation.responses.get(str(status))
        if content is None and status >= 400:
            content = operation.responses.get("default")
        if content is None:
            return [f"status {status} is not one of {', '.join(operation.responses)}"]
        problems = []
        if operation.is_long and status == 202 and not self._links(entry):
            problems.append("202 without Azure-AsyncOperation or Location")
        return problems + self._answer(operation, content.get("schema"), entry)

    @staticmethod
    def _answer(operation, schema, entry):
        body = _Body(entry["response_body"])
        if entry["method"] == "HEAD" or schema is None:
            # The recorded answer to a DELETE can be the word null.
            return [] if not body or body.text == "null" else ["a body where none belongs"]
        if not body.is_json:
            return ["the body is not JSON" if body else "the body is missing"]
        return operation.document.responses.response(schema, body.json)

    def _monitor(self, entry):
        """What the URL of a long-running operation answers."""
        body = _Body(entry["response_body"])
        if entry["url"] not in self.handed_out or not body:
            return []
        if not body.is_json:
            return ["the body is not JSON"]
        schema = "ErrorResponse" if entry["status"] >= 400 else "OperationStatusResult"
        judge = self.documents.named("operations").responses
        return judge.response({"$ref": f"#/definitions/{schema}"}, body.json)

    @staticmethod
    def _links(entry):
        names = ("Azure-AsyncOperation", "Location")
        return [link for name in names if (link := _header(entry["response_headers"], name))]

    def _take_links(self, operation, entry):
        for link in self._links(entry):
            self.handed_out[link] = None
        body = _Body(entry["response_body"]).json
        if isinstance(body, dict):
            for name in ("nextLink", "@odata.nextLink"):
                if isinstance(body.get(name), str):
                    self.handed_out[body[name]] = operation

    # both

    def check(self, entries, responses=True):
        findings = []
        for line, entry in enumerate(entries, 1):
            if entry["service"] not in SERVICES:
                continue
            operation, problems = self.request(entry)
            what = operation.name if operation else f"{entry['method']} {entry['url'][:120]}"
            findings += [Finding(line, "request", what, problem) for problem in problems]
            answered = self.response(operation, entry)
            if problems and 200 <= entry["status"] < 300:
                answered = answered + ["grants a wrong request"]
            if responses:
                findings += [Finding(line, "response", what, problem) for problem in answered]
        return findings


def check(entries, responses=True):
    """Findings, in the order of the transcript. responses=False: the emulator was told to fail, so
    what it answered is not judged."""
    return Checker().check(entries, responses)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: openapi.py TRANSCRIPT")
    with open(sys.argv[1], encoding="utf-8") as file:
        entries = [json.loads(line) for line in file]
    checker = Checker()
    findings = checker.check(entries)
    for finding in findings:
        print(finding)
    print(f"{sum(checker.seen.values())} requests of {len(checker.seen)} operations, "
          f"{len(findings)} findings", file=sys.stderr)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
