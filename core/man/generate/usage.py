# SPDX-License-Identifier: MIT
"""How a command is called, and what its help says in sentences, as parts of a page."""
import itertools

from mdoc import argument, display, fill, pieces_of


def word(text):
    """One word of a usage line: a flag, something to be replaced, or itself."""
    if text.startswith("--"):
        return f"Fl Fl {text[2:]}"
    if text.startswith("-") and len(text) > 1:
        return f"Fl {text[1:]}"
    if text[:1].isupper():
        return " Ns | Ns ".join(f"Ar {argument(part)}" for part in text.split("|"))
    return " | ".join(f"Cm {argument(part)}" for part in text.split("|"))


def lines(words):
    """The lines of a SYNOPSIS behind its .Nm; what stands in brackets may be left out."""
    out, inside = [], []
    for text in words:
        opens, closes = text.startswith("["), text.rstrip(".").endswith("]")
        dots = " ..." if text.endswith("...") else ""
        if opens or inside:
            inside.append(word(text.strip("[].")) + dots)
        else:
            out.append("." + word(text.rstrip(".") if dots else text) + dots)
        if closes:
            out.append(".Op " + " ".join(inside))
            inside = []
    return out


def text(paragraph):
    """A paragraph of a help text; its indented lines stand as they are."""
    out = []
    for is_shown, part in itertools.groupby(paragraph, lambda line: line.startswith("  ")):
        if is_shown:
            out += display([line[2:] for line in part])
        else:
            out += [".Pp", *fill(pieces_of(" ".join(part)))]
    return out


def paragraphs(texts):
    return [line for paragraph in texts if paragraph for line in text(paragraph)]
