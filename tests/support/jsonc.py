# SPDX-License-Identifier: MIT
"""JSON with comments, as the config has it."""

import json
import re

# A string goes before a comment: "https://..." is none.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.S)


def loads(text):
    return json.loads(_TOKEN.sub(lambda m: m[0] if m[0][0] == '"' else " ", text))


def load(path):
    with open(path, encoding="utf-8") as file:
        return loads(file.read())
