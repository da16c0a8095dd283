# SPDX-License-Identifier: MIT
"""Daemons whose paths are fixed at compile time, in a mount namespace of their own: what they find at
these paths is the test's, and the machine's files are not touched."""

import os
import shutil
import subprocess
import tempfile

import processes


def need_namespace():
    """Skip where no mount namespace can be made (CI must)."""
    processes.need(os.geteuid() == 0, "only root can make a mount namespace")
    done = subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL, check=False)
    processes.need(done.returncode == 0, "no mount namespace can be made here")


class Daemon:
    """A program in the foreground that sees `script`'s mounts. script: shell commands that run in
    the namespace before it, with $0 the private folder, which is open to everybody for reading."""

    def __init__(self, script, *command, environment=None):
        self.root = tempfile.mkdtemp(prefix="acsmtp-daemon-")
        os.chmod(self.root, 0o755)
        self.script = script
        self.command = command
        self.environment = environment
        self.process = self.guard = None

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def write(self, text, *parts, mode=0o644):
        path = self.path(*parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def start(self):
        with open(self.path("output"), "wb") as output:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", "-e", "-c",
                 self.script + '\nexec "$@"', self.root, *self.command],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd="/",
                env=self.environment, start_new_session=True)
        self.guard = processes.Guard(self.root, (self.process,))
        return self

    def output(self):
        with open(self.path("output"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def end(self):
        if self.guard is not None:
            self.guard.cancel()
        if self.process is not None:
            processes.stop_tree(self.process)
        self.process = self.guard = None

    def stop(self):
        self.end()
        shutil.rmtree(self.root, ignore_errors=True)
