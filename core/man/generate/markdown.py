# SPDX-License-Identifier: MIT
"""The Markdown that READMEs of plugins are written in, and no more: headings, paragraphs, lists,
tables, fenced blocks; in a line code, emphasis, bold and links. Anything else is an error with its
place, so that no page silently lacks what its README says."""
import re

from mdoc import PageError

SPAN = re.compile(r"`(?P<code>[^`]+)`"
                  r"|\*\*(?P<strong>[^*]+)\*\*"
                  r"|\*(?P<emphasis>[^*\s][^*]*)\*"
                  r"|\[(?P<label>[^\]]+)\]\((?P<target>[^)\s]+)\)")
ITEM = re.compile(r"(?P<mark>- |\d+\. )(?P<text>.*)")


class Block:
    """kind: heading, paragraph, list, table, code. What it holds: heading and paragraph a text;
    list: ordered and texts; table: head and rows of cells; code: the language and lines."""

    def __init__(self, kind, place, **content):
        self.kind = kind
        self.place = place
        self.__dict__.update(content)


def spans(text):
    """Triples (kind, text, target) of a line; kind is text, code, strong, emphasis or link."""
    end = 0
    for found in SPAN.finditer(text):
        if found.start() > end:
            yield "text", text[end:found.start()], None
        end = found.end()
        if found["label"]:
            yield "link", found["label"], found["target"]
        else:
            yield found.lastgroup, found[found.lastgroup], None
    if end < len(text):
        yield "text", text[end:], None


def cells(line):
    """The cells of a table's row; a bar within code does not part cells."""
    parts = re.findall(r"(?:`[^`]*`|[^|`])+|(?<=\|)(?=\|)", line.strip().strip("|") + " ")
    return [part.strip() for part in parts]


class Reader:
    def __init__(self, name, text):
        self.name = name
        self.lines = text.splitlines()
        self.at = 0

    def fail(self, what):
        raise PageError(f"{self.name}:{self.at + 1}: {what}")

    def line(self):
        return self.lines[self.at] if self.at < len(self.lines) else ""

    def blocks(self):
        while self.at < len(self.lines):
            if not self.line().strip():
                self.at += 1
                continue
            place = f"{self.name}:{self.at + 1}"
            yield self.block(place)

    def block(self, place):
        line = self.line()
        if line.startswith("#"):
            return self.heading(place)
        if line.startswith("```"):
            return self.code(place)
        if line.startswith("|"):
            return self.table(place)
        if ITEM.match(line):
            return self.items(place)
        if re.match(r"[>=~<]|[*+] |\s", line):
            self.fail("neither heading, paragraph, list, table nor fenced block")
        return Block("paragraph", place, text=" ".join(self.run()))

    def run(self):
        """The lines up to an empty one, or to where another block begins."""
        first = True
        while self.line().strip() and (first or not re.match(r"#|```|\|", self.line())):
            yield self.line().strip()
            self.at += 1
            first = False

    def heading(self, place):
        found = re.fullmatch(r"(#{1,3}) (\S.*)", self.line())
        if not found:
            self.fail("a heading is one to three # and a text")
        self.at += 1
        return Block("heading", place, level=len(found[1]), text=found[2])

    def code(self, place):
        language = self.line()[3:].strip()
        self.at += 1
        start = self.at
        while not self.line().startswith("```"):
            if self.at >= len(self.lines):
                self.fail("a fenced block has no end")
            self.at += 1
        self.at += 1
        return Block("code", place, language=language, lines=self.lines[start:self.at - 1])

    def table(self, place):
        rows = []
        while self.line().startswith("|"):
            rows.append(cells(self.line()))
            if len(rows[-1]) != len(rows[0]):
                self.fail(f"a row of {len(rows[-1])} cells in a table of {len(rows[0])}")
            self.at += 1
        if len(rows) < 3 or not all(re.fullmatch(r":?-+:?", cell) for cell in rows[1]):
            self.fail("a table has a head, a rule and rows")
        return Block("table", place, head=rows[0], rows=rows[2:])

    def items(self, place):
        items, ordered = [], self.line()[0].isdigit()
        while self.line().strip():
            found = ITEM.match(self.line())
            if found and (found["mark"] != "- ") == ordered:
                items.append(found["text"])
            elif items and self.line().startswith("  "):
                items[-1] += " " + self.line().strip()
            else:
                self.fail("a line of a list that belongs to no item")
            self.at += 1
        return Block("list", place, ordered=ordered, items=items)


def blocks(name, text):
    return list(Reader(name, text).blocks())
