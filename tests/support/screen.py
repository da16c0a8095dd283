# SPDX-License-Identifier: MIT
"""A terminal for tests: runs a command on a pty and keeps what a person would see. It knows the few
control sequences that acsmtp uses and refuses every other."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

PARTIAL = re.compile(rb"\x1b(\[[\d;]*)?\Z")  # the rest comes with the next piece
SEQUENCE = re.compile(r"\x1b\[(\d*(?:;\d+)*)([A-Za-z])")


class Screen:
    """rows x columns, the cursor, and lines that have scrolled away."""

    def __init__(self, rows=24, columns=80):
        self.rows, self.columns = rows, columns
        self.lines = [""] * rows
        self.row = self.column = 0
        self.above = []
        self.styles = set()

    def text(self):
        """Everything from the first line to the last that is not empty."""
        lines = self.above + [line.rstrip() for line in self.lines]
        while lines and not lines[-1]:
            lines.pop()
        return "\n".join(lines)

    def feed(self, text):
        while text:
            if text[0] == "\x1b":
                found = SEQUENCE.match(text)
                if not found:
                    raise AssertionError("unknown sequence %r" % text[:20])
                self._control(found.group(1), found.group(2))
                text = text[found.end():]
            else:
                self._put(text[0])
                text = text[1:]

    def resize(self, rows, columns):
        """As most terminals do it: lines that have become too long go on in the next row."""
        lines, row = [], 0
        for number, line in enumerate(self.lines):
            if number == self.row:
                row = len(lines)
            line = line.rstrip()
            lines += [line[at:at + columns] for at in range(0, len(line), columns)] or [""]
        while len(lines) > rows and not lines[-1] and row < len(lines) - 1:
            lines.pop()
        while len(lines) > rows:
            self.above.append(lines.pop(0))
            row -= 1
        self.lines = lines + [""] * (rows - len(lines))
        self.rows, self.columns, self.row = rows, columns, row

    def _put(self, char):
        if char == "\r":
            self.column = 0
        elif char == "\n":
            self._down()
        elif char == "\a" or ord(char) < 0x20:
            raise AssertionError("control character %r" % char)
        else:
            if self.column == self.columns:
                self.column = 0
                self._down()
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[:self.column] + char + line[self.column + 1:]
            self.column += 1

    def _down(self):
        if self.row + 1 < self.rows:
            self.row += 1
            return
        self.above.append(self.lines.pop(0).rstrip())
        self.lines.append("")

    def _control(self, number, letter):
        if letter == "A":
            if int(number) > self.row:
                raise AssertionError("the cursor would leave the screen")
            self.row -= int(number)
        elif letter == "K" and not number:
            self.lines[self.row] = self.lines[self.row][:self.column]
        elif letter == "J" and not number:
            self.lines[self.row] = self.lines[self.row][:self.column]
            self.lines[self.row + 1:] = [""] * (self.rows - self.row - 1)
        elif letter == "m":
            self.styles.add(number)
        else:
            raise AssertionError("unknown sequence ESC[%s%s" % (number, letter))


class Terminal:
    """A command on a terminal of its own. seen: called with the screen after each piece of output."""

    def __init__(self, command, environment, rows=24, columns=80, seen=None):
        self.screen = Screen(rows, columns)
        self.raw = ""
        self.seen = seen
        self.status = None
        self._rest = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execve(command[0], command, environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            self._reap()
        os.close(self.fd)

    def _reap(self):
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def resize(self, rows, columns):
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.fd, text.encode())

    def _read(self, timeout):
        if not select.select([self.fd], [], [], timeout)[0]:
            return True
        try:
            piece = os.read(self.fd, 65536)
        except OSError:
            piece = b""
        if not piece:
            return False
        self._rest += piece
        cut = PARTIAL.search(self._rest)
        whole = self._rest[:cut.start()] if cut else self._rest
        text = whole.decode("utf-8", "ignore")
        self._rest = self._rest[len(text.encode()):]
        self.raw += text
        self.screen.feed(text)
        if self.seen:
            self.seen(self.screen)
        return True

    def watch(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._read(0.1):
            pass

    def wait_for(self, text, timeout=30):
        end = time.monotonic() + timeout
        while text not in self.screen.text():
            if time.monotonic() > end or not self._read(0.1):
                raise AssertionError("no %r on the screen:\n%s" % (text, self.screen.text()))

    def wait(self, timeout=30):
        """Until the command has ended; its exit status, negative for a signal."""
        end = time.monotonic() + timeout
        while self._read(0.1):
            if time.monotonic() > end:
                raise AssertionError("still running:\n" + self.screen.text())
        self._reap()
        return self.status
