# SPDX-License-Identifier: MIT
"""What is frozen of each minor of the ABI, and the tools that look at libraries. Used by freeze.py and the tests."""
import os
import pathlib
import platform
import re
import subprocess
import tempfile
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
BUILD = pathlib.Path(os.environ.get("ACSMTP_BUILD_DIR", SOURCE / "build"))
LIBRARIES = ("libacsmtp", "libacsmtp-http", "libacsmtp-smtp", "libacsmtp-jwt")
MACHINE = platform.machine()
MINORS = {"1.0": HERE / "v1", "1.1": HERE / "v1.1"}
# Structures that carry their size may grow at their end; everything else stays.
GROWTH = HERE / "growth.supp"
# What stands between the parts of one build is no part of a dump.
PRIVATE = HERE / "private.supp"


def run(*command):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout


def current_minor():
    text = (SOURCE / "include" / "acsmtp" / "plugin.h").read_text()
    return "%s.%s" % tuple(re.search(rf"define ACSMTP_ABI_{part} (\d+)", text).group(1)
                           for part in ("MAJOR", "MINOR"))


def library(name):
    return BUILD / "lib" / f"{name}.so"


def is_shared():
    return all(library(name).exists() for name in LIBRARIES)


def is_sanitized():
    return "ACSMTP_SANITIZE:STRING=\n" not in (BUILD / "CMakeCache.txt").read_text()


def exported(path):
    """(symbol, node) of everything that a shared object gives to others."""
    found = set()
    for line in run("nm", "-D", "--defined-only", path).splitlines():
        match = re.search(r" [TDRBVW] (acsmtp_\w+)@@(\w+\.?\w*)$", line)
        if match:
            found.add(match.groups())
    return found


def exports_of_build():
    """{node: {"library symbol"}}"""
    nodes = {}
    for name in LIBRARIES:
        for symbol, node in exported(library(name)):
            nodes.setdefault(node, set()).add(f"{name} {symbol}")
    return nodes


def frozen_symbols(folder):
    """Whether the minor is released, and its {"library symbol"}."""
    state, *rows = (folder / "symbols").read_text().splitlines()
    return state == "released", set(rows)


def dump(path, headers, out):
    """The ABI of one library as XML, without what the headers do not show. It tells where types are
    declared: without that abidiff takes them all for private ones, and finds nothing."""
    run("abidw", "--headers-dir", headers, "--drop-private-types", "--exported-interfaces-only",
        "--suppressions", PRIVATE, "--no-corpus-path", "--no-comp-dir-path", "--no-elf-needed",
        "--out-file", out, path)
    text = out.read_text().replace(f"{SOURCE}/", "")
    out.write_text(re.sub(r" line='\d+' column='\d+'", " line='1' column='1'", text))


def fields(path):
    """{"structure.field": "offset type"} of a dump."""
    root = xml.etree.ElementTree.parse(path).getroot()
    types = {node.get("id"): node for node in root.iter() if node.get("id")}

    def spell(identity):
        node = types.get(identity)
        if node is None:
            return "?"
        inner = spell(node.get("type-id")) if node.get("type-id") else ""
        if node.tag == "pointer-type-def":
            return f"{inner}*"
        if node.tag == "qualified-type-def":
            return f"{inner} const" if node.get("const") else inner
        if node.tag == "array-type-def":
            return f"{inner}[{node.get('size-in-bits')}]"
        if node.tag == "function-type":
            return "%s(%s)" % (spell(node.find("return").get("type-id")),
                               ",".join(spell(p.get("type-id")) for p in node.iter("parameter")))
        return f"{node.get('name')} {node.get('size-in-bits') or inner}" if node.tag != "class-decl" \
            else f"struct {node.get('name')}"

    found = {}
    for structure in root.iter("class-decl"):
        for member in structure.iter("data-member"):
            field = member.find("var-decl")
            found[f"{structure.get('name')}.{field.get('name')}"] = \
                f"{member.get('layout-offset-in-bits')} {spell(field.get('type-id'))}"
    return found


def moved(old, new):
    """The fields of one dump that are not the same in another. With the suppression for growth abidiff 2.2
    is silent about a field that changes its type, and with it its neighbours' places."""
    now = fields(new)
    return "".join(f"{name} was at {then}, is at {now.get(name)}\n"
                   for name, then in fields(old).items() if now.get(name) != then)


def difference(old, new, headers):
    """What speaks against the library `new` in the place of the dump `old`: "" when it only
    adds."""
    done = subprocess.run(["abidiff", "--no-added-syms", "--suppressions", GROWTH,
                           "--headers-dir2", headers, "--drop-private-types", old, new],
                          capture_output=True, text=True)
    if done.returncode & 3:
        raise RuntimeError(f"abidiff {old} {new}: {done.stdout}{done.stderr}")
    with tempfile.TemporaryDirectory() as made:
        fresh = pathlib.Path(made, "new.abi")
        dump(new, headers, fresh)
        return (done.stdout if done.returncode else "") + moved(old, fresh)
