# SPDX-License-Identifier: MIT
"""Starting and ending what the tests start: free ports, waiting with a deadline, ending a daemon
together with every process it has started, by pid and never by name."""

import os
import signal
import socket
import subprocess
import sys
import time
import unittest


def free_port():
    """A loopback port nobody listens on now. The caller must cope when somebody takes it first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_open(port):
    """Whether somebody listens on this loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition, seconds=10.0, what="condition", pause=0.02):
    """The first true value of condition(), or TimeoutError that names what did not happen."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError("%s: not within %g s" % (what, seconds))
        time.sleep(pause)


def find_program(name, extra=("/usr/sbin", "/sbin", "/usr/bin", "/bin")):
    """Path of a program, daemons' folders included; None when it is not there."""
    if os.path.isabs(name):
        return name if os.access(name, os.X_OK) else None
    for folder in os.environ.get("PATH", "").split(os.pathsep) + list(extra):
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    return None


def need(condition, reason):
    """Skip the running test when a tool is missing, but fail where nothing may be missing (CI)."""
    if condition:
        return
    if os.environ.get("CI"):
        raise AssertionError("needed in CI: " + reason)
    raise unittest.SkipTest(reason)


def need_programs(*names):
    missing = [name for name in names if find_program(name) is None]
    need(not missing, "not installed: " + ", ".join(missing))


def main():
    """unittest.main() with the exit status ctest knows: 77 when every test was skipped."""
    result = unittest.main(module="__main__", exit=False, verbosity=2).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.testsRun == len(result.skipped) or result.testsRun == 0 else 0)


def parents():
    """pid → parent's pid, of every process that can be seen."""
    table = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open("/proc/%s/stat" % entry, "rb") as file:
                    fields = file.read().rpartition(b")")[2].split()
            except OSError:
                continue
            if fields[0] != b"Z":
                table[int(entry)] = int(fields[1])
    return table


def descendants(pid):
    """Every living process below pid."""
    table, found, level = parents(), [], {pid}
    while level:
        level = {child for child, parent in table.items() if parent in level}
        found.extend(level)
    return found


def start_time(pid):
    """Distinguishes a process from a later one of the same pid; None when there is none."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] == b"Z" else fields[19]


class Guard:
    """Ends the daemons and removes the folder of a test that was killed (ctest's time limit): a
    shell waits at the end of a pipe that only this process holds open. PR_SET_PDEATHSIG would not
    do, a daemon that changes its user loses it."""

    SCRIPT = 'read _; folder=$1; shift; kill "$@"; sleep 1; kill -9 "$@"; rm -rf -- "$folder"'

    def __init__(self, folder, processes):
        pids = [str(process.pid) for process in processes]
        self.shell = subprocess.Popen(["/bin/sh", "-c", self.SCRIPT, "sh", folder] + pids,
                                      stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, start_new_session=True)

    def cancel(self):
        self.shell.kill()
        self.shell.wait()
        self.shell.stdin.close()


def stop_tree(process, seconds=10.0):
    """End a subprocess.Popen and all it has started: SIGTERM, then SIGKILL for what is left."""
    family = {pid: start_time(pid) for pid in [process.pid] + descendants(process.pid)}

    def left():
        process.poll()
        return [pid for pid, born in family.items() if born and start_time(pid) == born]

    def tell(what):
        for pid in left():
            try:
                os.kill(pid, what)
            except ProcessLookupError:
                pass

    tell(signal.SIGTERM)
    end = time.monotonic() + seconds / 2
    while left() and time.monotonic() < end:
        time.sleep(0.02)
    tell(signal.SIGKILL)
    wait_for(lambda: not left(), seconds, "end of the processes started by pid %d" % process.pid)
    process.wait()
