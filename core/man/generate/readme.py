# SPDX-License-Identifier: MIT
"""A plugin's README as sections of its page: what markdown.py has read, written with mdoc.py."""
import re

import markdown
from mdoc import PageError, Piece, characters, display, fill, literal, macro, pieces_of

PLUGIN_README = re.compile(r"\.\./([a-z0-9][a-z0-9-]*)/README\.md")
VARIABLE = re.compile(r"\$?[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
JSON_WIDTH = 73  # of an example of the config
CELL_MAX = 34  # columns of a terminal that all but the last column of a table get


class Readme:
    """text: of README.md; options: names of the plugin's options."""

    def __init__(self, name, text, options):
        self.options = options
        self.pages = set()  # names of the pages that it refers to
        self.blocks = markdown.blocks(name, text)
        if not self.blocks or self.blocks[0].kind != "heading" or self.blocks[0].level != 1:
            raise PageError(f"{name}:1: the first line is not the plugin's name as a heading")

    # ---- sentences ----

    def code(self, text):
        if text in self.options:
            return Piece(text, "Cm")
        if VARIABLE.fullmatch(text):
            return Piece(text, "Ev", text.lstrip("$"))
        if re.fullmatch(r"--[a-z][a-z-]+", text):
            return Piece(text, "Fl Fl", text[2:])
        if re.fullmatch(r"~?(/[\w.-]+)+/?", text):
            return Piece(text, "Pa")
        return Piece(text, "Ql")

    def link(self, label, target, place):
        plugin = PLUGIN_README.fullmatch(target)
        if plugin:
            self.pages.add(f"acsmtp-{plugin[1]}")
            return Piece(label, "Xr", f"acsmtp-{plugin[1]}", "7")
        if target.startswith("https://"):
            return Piece(label, "Lk", target, label)
        raise PageError(f"{place}: a page cannot lead to {target}")

    def pieces(self, text, place):
        out = []
        for kind, part, target in markdown.spans(text):
            if kind == "text":
                out += pieces_of(part)
            elif kind == "code":
                out.append(self.code(part))
            elif kind == "link":
                out.append(self.link(part, target, place))
            else:
                out.append(Piece(part, "Em" if kind == "emphasis" else "Sy"))
        return out

    def sentence(self, text, place):
        """A cell that stands by itself: a capital letter before it, a full stop behind it."""
        if re.match(r"[a-z]+([ ;:]|$)", text):
            text = text[0].upper() + text[1:]
        return fill(self.pieces(text if text.endswith((".", "?", "!")) else text + ".", place))

    # ---- blocks ----

    def list(self, block):
        lines = [f".Bl -{'enum' if block.ordered else 'bullet'} -compact"]
        for item in block.items:
            lines += [".It", *fill(self.pieces(item, block.place))]
        return lines + [".El"]

    def table(self, block):
        """tbl(7): the last column takes what the others leave."""
        widths = [max(len(plain(row[i])) for row in [block.head, *block.rows])
                  for i in range(len(block.head) - 1)]
        room = CELL_MAX if len(widths) == 1 else CELL_MAX * 3 // 4
        form = [f"lw({min(width, room)}n)" for width in widths] + ["lx"]
        lines = [".TS", " ".join("lb" for _ in form), " ".join(form) + "."]
        if any(block.head):
            lines += ["\t".join(literal([plain(cell) for cell in block.head])), "_"]
        else:
            lines[1:2] = []
        for row in block.rows:
            cells = ["T{\n" + self.cell(text, block.place) + "\nT}" for text in row]
            lines += "\t".join(cells).split("\n")
        return lines + [".TE"]

    def cell(self, text, place):
        """In tables fonts stand for macros, which mandoc(1) ignores there."""
        out = ""
        for kind, part, target in markdown.spans(text):
            if kind == "link":
                self.link(part, target, place)
            font = {"text": "R", "emphasis": "I", "link": "I"}.get(kind, "B")
            shown = characters(part)
            out += shown if font == "R" else f"\\f{font}{shown}\\fP"
        return "\n".join(re.sub(r"^(?=[.'])", r"\\&", line) for line in re.split(
            r"(?<=[a-z)][.;]) (?=[A-Z])", out)) or "\\&"

    def block(self, block):
        if block.kind == "paragraph":
            return fill(self.pieces(block.text, block.place))
        if block.kind == "code":
            return display([part for line in block.lines
                            for part in (folded(line) if block.language == "json" else [line])])
        if block.kind == "list":
            return self.list(block)
        if block.kind == "table":
            return self.table(block)
        return [macro("Ss", block.text)]

    def lines(self, blocks, before=None):
        """Blocks one after the other, paragraphs apart; `before` stands before the first one, too,
        unless that brings its own space."""
        out = []
        for block in blocks:
            is_text = block.kind in ("paragraph", "list", "table")
            if is_text and (before if not out else not out[-1].startswith(".Ss")):
                out.append(".Pp")
            out += self.block(block)
        return out

    # ---- what is where ----

    def is_option_table(self, block):
        return block.kind == "table" and block.head[0] == "option"

    def sections(self):
        """Pairs (title, blocks); the first title is empty. A table of options is left out, and what
        follows it is the section Options."""
        out = [("", [])]
        for block in self.blocks[1:]:
            if block.kind == "heading" and block.level == 2:
                out.append((block.text, []))
            elif not self.is_option_table(block):
                out[-1][1].append(block)
            elif out[-1][0] != "Options":
                out.append(("behind the options", []))
        return out

    def option_rows(self):
        """Triples (names, cells by the head's words, place) of the tables of options."""
        for block in filter(self.is_option_table, self.blocks):
            for row in block.rows:
                names = re.findall(r"`([^`]+)`", row[0])
                head = [word or "meaning" for word in block.head]
                yield names, dict(zip(head, row)), block.place


def folded(line):
    """JSON in lines of at most JSON_WIDTH columns, broken behind commas; what goes on below stands
    under the first word of the innermost bracket that is open."""
    if len(line) <= JSON_WIDTH or ", " not in line[:JSON_WIDTH]:
        return [line]
    cut = line.rindex(", ", 0, JSON_WIDTH) + 1
    open_at = [len(line) - len(line.lstrip()) - 2]
    for at, char in enumerate(line[:cut]):
        if char in "{[":
            open_at.append(at)
        elif char in "}]" and len(open_at) > 1:
            open_at.pop()
    return [line[:cut], *folded(" " * (open_at[-1] + 2) + line[cut + 1:])]


def plain(text):
    """A cell as it is read, to measure it."""
    return "".join(part for _, part, _ in markdown.spans(text))
