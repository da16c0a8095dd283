# SPDX-License-Identifier: MIT
"""Text as mdoc(7), the language of manual pages: what must be escaped is escaped, every sentence
begins a line, and the parts of a sentence that mean something are macros."""
import re

WIDTH = 76  # of a source line
DISPLAY_WIDTH = 67  # of a block that is set in, on a terminal of 80 columns

# Characters that a terminal may lack, in the words of the formatter.
CHARACTERS = {
    "\\": "\\e", "…": "...", "–": "\\(en", "—": "\\(em", "→": "\\(->", "“": "\\(lq", "”": "\\(rq",
    "‘": "\\(oq", "’": "\\(cq", "×": "\\(mu", "µ": "\\(mc", "✓": "ok", "✗": "no", "\u00a0": "\\ ",
    "•": "\\(bu",
}
LINES = {**{c: "-" for c in "─━"}, **{c: "|" for c in "│┃"}, **{c: "+" for c in "┌┐└┘├┤┬┴┼"},
         "►": ">", "▼": "v", "▲": "^", "◄": "<"}

MACRO = re.compile(r"[A-Z][a-z]|%[A-Z]")
OPENING, CLOSING = "([", ")].,;:?!"
SENTENCE_END = re.compile(r"(?<!\.\.)[.?!][\")'\]]*$")


class PageError(Exception):
    """A source of a page that is not what its rules say; the text tells where and what."""


def characters(text):
    """Plain characters as the formatter wants them anywhere in a line."""
    out = "".join(CHARACTERS.get(c, LINES.get(c, c)) for c in text)
    strange = re.search(r"[^\x20-\x7e\n]", out)
    if strange:
        raise PageError(f"no way to print {strange.group()!r} in: {text.strip()[:60]}")
    return out


def literal(text):
    """Lines of a block that is shown as it is."""
    return [re.sub(r"^(?=[.'])", r"\\&", characters(line.rstrip().expandtabs())) for line in text]


def argument(text):
    """One argument of a macro."""
    out = characters(text).replace('"', "\\(dq")
    if MACRO.fullmatch(out) or out in ("|", *OPENING, *CLOSING):
        return "\\&" + out
    if out.endswith(tuple(CLOSING)) and not out.endswith("..."):
        out += "\\&"
    return f'"{out}"' if " " in out or not out else out


def macro(name, *arguments):
    return " ".join([f".{name}", *map(argument, arguments)])


class Piece:
    """A part of a sentence: plain text, or one thing that a macro marks."""

    def __init__(self, text, name=None, *arguments):
        self.text = text
        self.name = name
        self.arguments = arguments or (text,)

    def spelt(self):
        return " ".join([self.name, *map(argument, self.arguments)])


def words_of(pieces):
    """Lists of pieces without a blank between them."""
    word = []
    for piece in pieces:
        if piece.name:
            word.append(piece)
            continue
        for i, part in enumerate(re.split(r"\s+", piece.text)):
            if i and word:
                yield word
                word = []
            if part:
                word.append(Piece(part))
    if word:
        yield word


def macro_line(word):
    """A word with a macro in it: delimiters are arguments of their own, the rest is joined."""
    before, after = [], []
    if not word[0].name and all(c in OPENING for c in word[0].text):
        before = list(word.pop(0).text)
    if not word[-1].name:
        rest = word[-1].text.rstrip(CLOSING)
        after = list(word[-1].text[len(rest):])
        if rest:
            word[-1] = Piece(rest)
        else:
            word.pop()
    parts = [piece.spelt() if piece.name else f"No {argument(piece.text)}" for piece in word]
    first, *others = parts
    if before:
        name, _, tail = first.partition(" ")
        first = " ".join([name, *before, tail])
    return "." + " ".join([" Ns ".join([first, *others]), *after])


def fill(pieces):
    """The lines of a paragraph."""
    lines, line = [], ""
    for word in words_of(pieces):
        if any(piece.name for piece in word):
            if line:
                lines.append(line)
            lines.append(macro_line(word))
            line = ""
            continue
        text = characters("".join(piece.text for piece in word))
        if line and len(line) + 1 + len(text) > WIDTH:
            lines.append(line)
            line = ""
        if not line and text[0] in ".'":
            text = "\\&" + text
        line = f"{line} {text}" if line else text
        if SENTENCE_END.search(text):
            lines.append(line)
            line = ""
    if line:
        lines.append(line)
    return lines


# What is recognised in any text of the project: other pages, options, variables.
KNOWN = re.compile(r"(?<![\w-])(?P<page>[a-z][a-z0-9_.-]*)\((?P<section>[1-8])\)"
                   r"|(?<![\w-])--(?P<long>[a-z][a-z0-9-]+)"
                   r"|(?<![\w-])-(?P<short>[a-zA-Z])(?![\w-])"
                   r"|\b(?P<function>\w+)\(\)"
                   r"|`(?P<code>[^`]+)`"
                   r"|\b(?P<variable>(?:ACSMTP|AZURE|XDG|IDENTITY|MSI|IMDS)_[A-Z0-9_]+[A-Z0-9])\b"
                   r"(?!\()")


def pieces_of(text, constants=()):
    """Plain text as pieces; `constants` are upper-case names that are no variables."""
    pieces, end = [], 0
    for found in KNOWN.finditer(text):
        pieces.append(Piece(text[end:found.start()]))
        end = found.end()
        if found["page"]:
            pieces.append(Piece(found.group(), "Xr", found["page"], found["section"]))
        elif found["long"]:
            pieces.append(Piece(found.group(), "Fl Fl", found["long"]))
        elif found["short"]:
            pieces.append(Piece(found.group(), "Fl", found["short"]))
        elif found["code"]:
            is_name = constants and found["code"].isidentifier()
            pieces.append(Piece(found.group(), "Fa" if is_name else "Ql", found["code"]))
        elif found["function"]:
            pieces.append(Piece(found.group(), "Fn", found["function"]))
        elif constants and found["variable"].startswith(constants):
            pieces.append(Piece(found.group(), "Dv", found["variable"]))
        else:
            pieces.append(Piece(found.group(), "Ev", found["variable"]))
    pieces.append(Piece(text[end:]))
    return [piece for piece in pieces if piece.text]


def paragraph(text, constants=()):
    return fill(pieces_of(text, constants))


def display(lines):
    """A block that is shown as it is; only what is narrow enough for a terminal is set in."""
    offset = " -offset indent" if max(map(len, lines), default=0) <= DISPLAY_WIDTH else ""
    return [f".Bd -literal{offset}", *literal(lines), ".Ed"]


def broken(line, width):
    """A line of code in lines of at most that width, as far as it can be broken behind commas."""
    indent = " " * (len(line) - len(line.lstrip()))
    out, current = [], ""
    for part in re.split(r"(?<=,) ", line):
        if current and len(current) + 1 + len(part) > width:
            out.append(current)
            current = f"{indent}    {part}"
        else:
            current = f"{current} {part}" if current else part
    return [*out, current]


def head(name, section, summary, date, version):
    return [f".Dd {date}", f".Dt {name.upper()} {section}", f".Os acsmtp {version}",
            ".Sh NAME", macro("Nm", name), macro("Nd", summary)]
