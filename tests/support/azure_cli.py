# SPDX-License-Identifier: MIT
"""The real Azure CLI against the emulator: unmodified, with Azure's real host names, which a
CONNECT proxy leads to the emulator's ports (any other name is refused, so nothing leaves the
machine).

    with AzureCli(emulator) as az:
        az.login()
        az.environment   # for a program that is to find this az and this login
        az.run("account", "get-access-token", "--resource", "https://communication.azure.com")
"""

import os
import shutil
import subprocess
import tempfile

import emulator as emulator_module
import processes


def find():
    """The az of Debian's package or whatever comes first in PATH; None when not installed."""
    return processes.find_program("az", extra=("/usr/bin",))


class AzureCli:
    """config_dir, proxy, environment; logged in only after login()."""

    def __init__(self, emulator, program=None):
        self.emulator = emulator
        self.program = program or find()
        self.proxy = None

    def __enter__(self):
        self.config_dir = tempfile.mkdtemp(prefix="acsmtp-az-")
        self.proxy = emulator_module.ConnectProxy.for_emulator(self.emulator)
        self.environment = {
            "PATH": os.path.dirname(self.program) + ":/usr/bin:/bin",
            "HOME": self.config_dir,
            "LC_ALL": "C.UTF-8",
            "AZURE_CONFIG_DIR": self.config_dir,
            # Telemetry would be sent by a process that outlives az.
            "AZURE_CORE_COLLECT_TELEMETRY": "no",
            "AZURE_CORE_NO_COLOR": "true",
            "HTTPS_PROXY": self.proxy.url,
            "HTTP_PROXY": self.proxy.url,
            "REQUESTS_CA_BUNDLE": self.emulator.endpoints["ca_file"],
        }
        return self

    def __exit__(self, *unused):
        self.proxy.close()
        shutil.rmtree(self.config_dir, ignore_errors=True)

    def run(self, *arguments, timeout=120):
        """az with these arguments: subprocess.CompletedProcess with texts."""
        return subprocess.run((self.program,) + arguments, env=self.environment, timeout=timeout,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, encoding="utf-8", cwd="/", check=False)

    def login(self, application="operator"):
        """az login --service-principal as an application of the emulator."""
        client = self.emulator.application(application)
        done = self.run("login", "--service-principal", "--username", client["client_id"],
                        "--password", client["client_secret"], "--tenant",
                        self.emulator.endpoints["tenant_id"], "--allow-no-subscriptions",
                        "--output", "json")
        if done.returncode != 0:
            raise RuntimeError("az login: %s\nrefused by the proxy: %s" %
                               (done.stderr, self.proxy.refused))
        return done
