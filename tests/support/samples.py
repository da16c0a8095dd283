# SPDX-License-Identifier: MIT
"""Messages that servers and clients get wrong, by name; and one of any size."""

import random

HEADER = b"From: alice@example.org\nTo: bob@example.org\nSubject: %s\n\n"


def message(subject, body):
    return HEADER % subject.encode() + body


def large(size=25 << 20):
    """Lines of 76 characters, as an attachment in base64 has; some begin with a dot."""
    source = random.Random(25)
    block = b"".join(bytes(source.choices(b"ABCDEFGHabcdefgh0123456789+/", k=76)) + b"\n"
                     for _ in range(500))
    block += b"." * 76 + b"\n"
    body = block * (size // len(block) + 1)
    return message("large", body[:size - len(HEADER)])


def scrambled(seed, pieces=4000):
    """Dots and line ends in every neighbourhood, across every buffer's edge."""
    source = random.Random(seed)
    alphabet = [b".", b".", b"..", b"\n", b"\r\n", b"\n.\n", b"\r\n.\r\n", b"x", b"y" * 61,
                b"\xc3\xa9", b" ", b"\t", b"z" * 997]
    return message("scrambled %d" % seed, b"".join(source.choices(alphabet, k=pieces)))


SAMPLES = {
    "plain": message("plain", b"Hello\n"),
    "crlf": message("crlf", b"Hello\nagain\n").replace(b"\n", b"\r\n"),
    "mixed line ends": message("mixed", b"one\r\ntwo\nthree\r\nfour\n"),
    "dots": message("dots", b".\n..\n...\n.x\nx.\n. \n\n.\n"),
    "final dot": message("final dot", b"before\n."),
    "dot behind CRLF": message("dot behind CRLF", b"before\r\n.\r\nafter\r\n.\r\n"),
    "no last newline": message("no last newline", b"end"),
    "empty lines": message("empty lines", b"\n\n\nx\n\n\n"),
    "no body": message("no body", b""),
    "blanks": message("blanks", b"trailing \t \n \n\t\nx  \n"),
    "8 bit": message("8 bit", "Grüße, 日本語, €\n".encode() + bytes(range(128, 256)) + b"\n"),
    "long line": message("long line", b"L" * 5000 + b"\n" + b"M" * 998 + b"\nend\n"),
    "looks like commands": message("commands", b"QUIT\nRSET\nMAIL FROM:<x@example.org>\n"),
    "scrambled 1": scrambled(1),
    "scrambled 2": scrambled(2),
}
