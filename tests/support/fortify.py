# SPDX-License-Identifier: MIT
"""Whether _FORTIFY_SOURCE was at work in an object, even where it left nothing to do when the program runs.

A call that glibc can check goes through an inline function of its headers. Where the compiler knows that the
buffer will do, or knows no size, this ends in the plain function; that it was there is in the debug information.
"""
import functools
import re
import subprocess

# Compilers call these of their own accord, too.
OWN_ACCORD = {"memcpy", "memmove", "memset", "strcpy", "stpcpy", "strcat"}


def run(*command):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout


@functools.cache
def checkable():
    """The functions that the C library has a checked form of."""
    libc = run("ldd", "/bin/true")
    path = re.search(r"libc\.so\.6 => (\S+)", libc).group(1)
    return set(re.findall(r" __(\w+)_chk@", run("nm", "-D", "--defined-only", path))) - OWN_ACCORD


def wrapped(path):
    """The functions of which an inline form was used."""
    found = set()
    for entry in re.split(r"\n <\d+><[0-9a-f]+>: ", run("readelf", "--debug-dump=info", path)):
        name = re.search(r"DW_AT_name +: (?:\(.*?\): )?(\w+)\n", entry)
        if name and "(DW_TAG_subprogram)" in entry and re.search(r"DW_AT_inline +: [13]", entry):
            found.add(name.group(1))
    return found


def unguarded(path):
    """The functions with a checked form that a linked object calls past it. It must have debug information."""
    called = {line.split()[-1].split("@")[0] for line in run("nm", "-D", "--undefined-only", path).splitlines()}
    plain = called & checkable()
    return plain - wrapped(path) if plain else set()
