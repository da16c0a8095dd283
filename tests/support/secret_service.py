# SPDX-License-Identifier: MIT
"""A session bus of its own with a GNOME Keyring on it, both gone at the end."""

import os
import shutil
import subprocess
import tempfile
import time


# No folder of services: else the bus itself would start a keyring when one is gone.
BUS = """<busconfig>
<type>session</type>
<listen>unix:dir=%s</listen>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"""


class SecretService:
    """environment: what a client needs."""

    NEEDED = ("dbus-daemon", "gnome-keyring-daemon", "secret-tool")

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="acsmtp-keyring-")
        self.bus = self.keyring = None
        runtime = os.path.join(self.home, "run")
        os.mkdir(runtime, 0o700)
        self.environment = {"XDG_RUNTIME_DIR": runtime, "DBUS_SESSION_BUS_ADDRESS": ""}

    @classmethod
    def missing(cls):
        return [name for name in cls.NEEDED if not shutil.which(name)]

    def _own(self):
        return {"HOME": self.home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                **self.environment}

    def start(self):
        config = os.path.join(self.home, "bus.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(BUS % self.environment["XDG_RUNTIME_DIR"])
        self.bus = subprocess.Popen(
            ["dbus-daemon", "--nofork", "--nopidfile", "--print-address=1",
             "--config-file=" + config],
            env=self._own(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self.bus.stdout.readline().strip()
        self.start_keyring(b"a password")
        return self

    def start_keyring(self, password):
        """With None the keyring that an earlier one has made stays locked."""
        command = ["gnome-keyring-daemon", "--foreground", "--components=secrets"]
        self.keyring = subprocess.Popen(command + (["--unlock"] if password else []),
                                        env=self._own(), stdin=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if password:
            self.keyring.stdin.write(password)
        self.keyring.stdin.close()
        self._wait()

    def _wait(self):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            names = subprocess.run(
                ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/",
                 "org.freedesktop.DBus.ListNames"], env=self._own(), capture_output=True,
                text=True, check=False)
            if "org.freedesktop.secrets" in names.stdout:
                return
            time.sleep(0.05)
        raise RuntimeError("no Secret Service came up")

    def stop_keyring(self):
        self.keyring.terminate()
        self.keyring.wait(20)

    def stop(self):
        for process in (self.keyring, self.bus):
            if process and process.poll() is None:
                process.terminate()
                process.wait(20)
        if self.bus:
            self.bus.stdout.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def store(self, name, secret):
        subprocess.run(["secret-tool", "store", "--label", name, "service", "acsmtp", "name", name],
                       env=self._own(), input=secret.encode(), check=True)

    def lookup(self, name):
        done = subprocess.run(["secret-tool", "lookup", "service", "acsmtp", "name", name],
                              env=self._own(), capture_output=True, check=False)
        return done.stdout.decode() if done.returncode == 0 else None
