# SPDX-License-Identifier: MIT
"""Comments of the public headers as text of a page: paragraphs, lists with '-', lists of words with
their meaning in a column of their own, and what is set off by a tab as it stands."""
import re

from mdoc import display, paragraph

CONSTANTS = ("ACSMTP_",)
TERM = re.compile(r"(?P<indent> *)(?P<term>[A-Za-z_]+)  +(?P<text>\S.*)")
BULLET = re.compile(r"(?P<indent> *)- (?P<text>\S.*)")


LITERAL_WIDTH = 66  # what a terminal shows of a line that stands as it is


def hung(lines):
    """Lines of a drawing that are too long go on below, behind the bars that lead down there."""
    out = []
    for i, line in enumerate(lines):
        column = max((found.end() for found in re.finditer("  +", line[:LITERAL_WIDTH // 2])),
                     default=0)
        below = lines[i + 1] if i + 1 < len(lines) else ""
        while len(line) > LITERAL_WIDTH and line.rfind(" ", 0, LITERAL_WIDTH) > column > 0:
            cut = line.rfind(" ", 0, LITERAL_WIDTH)
            out.append(line[:cut])
            line = "".join("|" if below[at:at + 1] == "|" else " " for at in range(column)) + \
                line[cut + 1:]
        out.append(line)
    return out


def text_of(comment):
    """The lines within /* and */ without the stars."""
    inner = re.sub(r"^/\*+ ?|\s*\*/$", "", comment.strip())
    return [re.sub(r"^\s*\* ?", "", line).rstrip() for line in inner.split("\n")]


def sentence(lines):
    return paragraph(" ".join(line.strip() for line in lines), CONSTANTS)


class Text:
    def __init__(self, lines):
        self.lines = lines
        self.at = 0
        self.out = []

    def take(self, belongs):
        """Lines from here on as long as they belong to the block that begins here."""
        start = self.at
        self.at += 1
        while self.at < len(self.lines) and belongs(self.lines[self.at]):
            self.at += 1
        return self.lines[start:self.at]

    def gap(self):
        if self.out and not self.out[-1].startswith(".Pp"):
            self.out.append(".Pp")

    def write(self):
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not line.strip():
                self.at += 1
            elif line.startswith("\t"):
                lines = self.take(lambda other: other.startswith("\t") or not other.strip())
                while not lines[-1].strip():
                    lines.pop()
                self.out += display(hung([other[1:].expandtabs() for other in lines]))
            elif BULLET.fullmatch(line):
                self.list("bullet", BULLET)
            elif TERM.fullmatch(line):
                self.list("tag", TERM)
            else:
                self.gap()
                self.out += sentence(self.take(self.is_prose))
        return self.out

    def is_prose(self, line):
        return bool(line.strip()) and not line.startswith("\t") and not BULLET.fullmatch(line) \
            and not TERM.fullmatch(line)

    def list(self, kind, form):
        """Items at the indentation of the first; what stands deeper is an item's own text."""
        depth = len(form.fullmatch(self.lines[self.at])["indent"])
        if kind == "bullet":
            self.gap()
        self.out.append(".Bl -bullet -compact" if kind == "bullet" else ".Bl -tag -width Ds")
        while self.at < len(self.lines):
            found = form.fullmatch(self.lines[self.at])
            if not found or len(found["indent"]) != depth:
                break
            lines = self.take(lambda line: line.startswith(" " * (depth + 2)))
            self.out.append(".It" if kind == "bullet" else f".It {term(found['term'])}")
            self.out += Text([found["text"], *unindented(lines[1:])]).write()
        self.out.append(".El")


def term(word):
    return f"Dv {word}" if word.isupper() else f"Fa {word}"


def unindented(lines):
    width = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return [line[width:] for line in lines]


def lines(comment):
    return Text(text_of(comment)).write()
