# SPDX-License-Identifier: MIT
"""What a public header declares, as a list of a page: functions, types and constants, each with the
comment that stands before it."""
import re

import comment
from mdoc import PageError, argument, broken, literal

CODE_WIDTH = 62  # of a declaration that is shown as it is, within a list
ATTRIBUTES = re.compile(r"\s*\b(?:ACSMTP_CHECK|ACSMTP_PRINTF\([^)]*\))")
FUNCTION = re.compile(r"(?P<type>[\w\s]+?[\s*]+)(?P<name>acsmtp_\w+)\((?P<arguments>.*)\)", re.S)
TOKEN = re.compile(r"(?P<comment>/\*.*?\*/)"
                   r"|(?P<macro>^#(?:[^\n]*\\\n)*[^\n]*)"
                   r"|(?P<blank>\n[ \t]*\n)"
                   r"|(?P<code>(?:[^/#\n]|/(?!\*)|\n(?!\s*\n))+)", re.S | re.M)
HIDDEN = re.compile(r"acsmtp_\w+_cleanup|__\w+|ACSMTP_\w+_H\b")
# What headers need for themselves: guards, and what compilers are told.
OWN_MACRO = re.compile(r"#define (__\w+|ACSMTP_(\w+_H|CHECK|PRINTF|DEPRECATED))\b")


class Group:
    """Declarations without an empty line between them, and the comment before the first."""

    def __init__(self, text):
        self.comment = text
        self.declarations = []


def whole(code):
    """Code up to the end of every brace and statement."""
    return code.count("{") == code.count("}") and code.count("(") == code.count(")") and \
        code.rstrip().endswith((";", "}"))


def tokens(text):
    """Pairs (kind, text); comments within braces belong to the code around them."""
    code = ""
    for found in TOKEN.finditer(text):
        kind, part = found.lastgroup, found.group()
        if code:
            code += part
            if whole(code):
                yield "code", code.strip()
                code = ""
        elif kind == "code" and part.strip():
            code = part.lstrip()
            if whole(code):
                yield "code", code.strip()
                code = ""
        elif kind != "code":
            yield kind, part


def statements(code):
    """The declarations of a run of lines, static inline functions left out."""
    depth, start = 0, 0
    for at, char in enumerate(code):
        depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(char, 0)
        ends = char == ";" or (char == "}" and code[start:].lstrip().startswith("static inline"))
        if depth == 0 and ends:
            yield code[start:at + 1].strip()
            start = at + 1


def wanted(declaration):
    if declaration.startswith("#define"):
        return not OWN_MACRO.match(declaration)
    return not re.match(r"struct \w+;|extern \"C\"|static inline|\}", declaration) and \
        not HIDDEN.search(declaration.split("\n")[0].split("(")[0])


def groups(text):
    """The file's own comment, and its groups."""
    body = text.split("*/", 1)[1]  # behind the licence
    body = re.sub(r"^#ifdef __cplusplus\n.*?^#endif\n", "", body, flags=re.S | re.M)
    out, pending, is_open = [], "", False
    first = None
    for kind, part in tokens(body):
        if kind == "comment":
            if first is None:
                first = part
                continue
            pending, is_open = ("" if "----" in part else part), False
        elif kind == "blank":
            pending, is_open = "", False
        elif kind == "macro" and not re.match(r"#define ACSMTP_\w+(\(|\s+\S)", part):
            continue
        else:
            parts = [part] if kind == "macro" else list(statements(part))
            parts = [declaration for declaration in parts if wanted(declaration)]
            if parts and not is_open:
                out.append(Group(pending))
                is_open = True
            if parts:
                out[-1].declarations += parts
    return first, out


# ---- writing ----

def wrapped(text, indent):
    """Words of a comment in lines of their own above what they are about."""
    lines, line = [], f"{indent}/*"
    for word in text.split():
        if len(line) + 1 + len(word) > CODE_WIDTH - 3:
            lines.append(line)
            line = f"{indent} *"
        line += f" {word}"
    return [*lines, f"{line} */"]


def laid_out(code):
    """A structure or an enumeration in the width of a page, its comments above the members."""
    found = re.fullmatch(r"((?:struct|enum) \w+) \{(.*)\};", code, re.S)
    if not found:
        return broken(" ".join(code.split()), CODE_WIDTH)
    out = [found[1] + " {"]
    for statement, words in split_members(found[2], found[1].startswith("enum")):
        if words:
            out += wrapped(words, "    ")
        if statement:
            out += broken("    " + statement, CODE_WIDTH)
    return out + ["};"]


def split_members(body, is_enum):
    """Statements with the comment before or behind them on the same line."""
    parts = re.split(r"(/\*.*?\*/)", body, flags=re.S)
    pending, out = "", []
    for i, part in enumerate(parts):
        if i % 2:
            words = " ".join(" ".join(comment.text_of(part)).split())
            behind = out and parts[i - 1].split("\n")[-1].strip()
            if behind:
                out[-1][1] = f"{out[-1][1]} {words}".strip()
            else:
                pending = words
            continue
        for statement in re.split(r"(?<=,)(?![^(]*\))\s*\n|(?<=,) (?=ACSMTP)" if is_enum
                                  else r"(?<=;)", part):
            statement = " ".join(statement.split())
            if statement:
                out.append([statement, pending])
                pending = ""
    return out


def function(found):
    """The head of an item that is a function."""
    parts = re.split(r",(?![^(]*\))", found["arguments"])
    parts = [" ".join(part.split()) for part in parts]
    kind = " ".join(found["type"].split())
    name = f"{'Ns ' if kind.endswith('*') else ''}Fn {found['name']}"
    return " ".join([f".It Ft {argument(kind)} {name}", *map(argument, parts)])


def item(declaration):
    """Lines of one declaration: its head, and the code where the head does not say all."""
    if declaration.startswith("#define"):
        name = re.match(r"#define (\w+(?:\([^)]*\))?)", declaration)[1]
        value = re.fullmatch(r"#define \w+ (\S[^\\\n/]*?)\s*(?:/\*.*)?", declaration, re.S)
        tells = value and "(" not in name and not value[1].startswith("__attribute__")
        return [f".It Dv {argument(name)}", *([f"The value is {value[1]}."] if tells else [])]
    code = ATTRIBUTES.sub("", declaration)
    found = FUNCTION.fullmatch(code.rstrip("; \n"))
    if found and not code.startswith("typedef"):
        return [function(found)]
    name = re.match(r"(?:extern const )?((?:struct|enum) \w+|typedef)", code)
    if not name:
        raise PageError(f"no way to show: {declaration[:60]}")
    if name[1] == "typedef":
        name = re.search(r"\(?\*?(acsmtp_\w+)\)?\(", code)
    shown = [".Bd -literal", *literal(laid_out(code)), ".Ed"]
    return [f".It Vt {name[1]}", *shown]


def lines(name, text):
    """The header's section."""
    first, found = groups(text)
    out = [f".Ss {name}", *comment.lines(first)]
    if found:
        out.append(".Bl -tag -width Ds")
    for group in found:
        items = [item(declaration) for declaration in group.declarations]
        words = comment.lines(group.comment) if group.comment else []
        for i, (head, *code) in enumerate(items):
            out.append(head)
            is_last = i == len(items) - 1
            out += [*(words if is_last else []), *code]
    return out + ([".El"] if found else [])
