# SPDX-License-Identifier: MIT
"""check_plugin.py KIND/NAME: a plugin of this project passes the battery, with settings under which it
has a whole life; what is passed over is what cannot apply to it."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import battery
import pki
from secret_service import SecretService

GUID = "11111111-2222-3333-4444-555555555555"
APPLICATION = {"tenant_id": GUID, "client_id": GUID}
VAULT_CHALLENGE = ('Bearer authorization="https://authority.kit.example.com/%s", '
                   'resource="https://vault.kit.example.com"' % GUID)

# Options with which each lives; words of the command line where more is needed.
OPTIONS = {
    "client-secret": {**APPLICATION, "client_secret": "@CANARY@"},
    "client-assertion": {**APPLICATION, "assertion": "@CANARY@.e30.c2ln"},
    "environment": {**APPLICATION, "client_secret": "@CANARY@"},
    "managed-identity": {"source": "app-service", "header": "@CANARY@",
                         "endpoint": "http://127.0.0.1/msi/token"},
    "device-code": {"interactive": "always"},
    "exec": {"format": "json"},
    "keyvault-basic": {"vault": "kit", "secret": "kit", "username": "kit@example.com"},
    "password": {"username": "kit@example.com", "password": "@CANARY@"},
    "token": {"token": "@CANARY@"},
    "file": {"path": "@FOLDER@"},
}
WORDS = {"keyvault-basic": ["--challenge", VAULT_CHALLENGE]}

# What cannot apply: nobody is asked; programs have no status line; SMTP is read by the host.
ASKS_NOBODY = {"deadline.slow", "replies.malformed", "replies.refused", "replies.temporary",
               "replies.lost"}
RUNS_PROGRAMS = {"replies.refused", "replies.temporary", "replies.lost"}
SPEAKS_SMTP = {"replies.malformed", "replies.lost"}
SKIPPED = {
    "password": ASKS_NOBODY, "token": ASKS_NOBODY, "default": ASKS_NOBODY, "file": ASKS_NOBODY,
    "kernel-keyring": ASKS_NOBODY, "secret-service": ASKS_NOBODY | {"memory.failures"},
    "mime": ASKS_NOBODY | {"memory.failures"},
    "azcli": RUNS_PROGRAMS, "azd": RUNS_PROGRAMS, "azure-powershell": RUNS_PROGRAMS,
    "exec": RUNS_PROGRAMS,
    "smtp-login": SPEAKS_SMTP, "smtp-xoauth2": SPEAKS_SMTP,
    # The scripted server is no provider: a plan ends at the first answer that makes no sense. Whole
    # lives are in test_provider.py.
    "acs": {"life.whole"},
}


def options_of(name, folder):
    """The options of one plugin; files that they name are made."""
    options = dict(OPTIONS.get(name, {}))
    if name == "workload-identity":
        path = os.path.join(folder, "token")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write("e30.e30.c2ln")
        options = {**APPLICATION, "token_file": path}
    if name == "client-certificate":
        path = pki.new_key(os.path.join(folder, "certificate.pem"), "RSA")
        certificate = pki.openssl("req", "-x509", "-new", "-key", path, "-days", "2", "-subj",
                                  "/CN=kit")
        with open(path, "ab") as file:
            file.write(certificate)
        options = {**APPLICATION, "certificate": path}
    return options


def check(plugin, folder, words):
    """Whether it passes; what is wrong is said."""
    name = os.path.basename(plugin)
    words = words + WORDS.get(name, [])
    for option, value in options_of(name, folder).items():
        words += ["-o", "%s=%s" % (option, value)]
    document = battery.check(os.path.join(battery.BUILD, "plugins", plugin + ".so"), *words)
    failed = [c for c in document["checks"] if c["verdict"] == "fail"]
    skipped = {c["check"]: c for c in document["checks"] if c["verdict"] == "skip"}
    for result in failed:
        print("FAIL %(check)s: %(detail)s\n  (%(header)s) %(contract)s" % result)
    allowed = SKIPPED.get(name, set())
    for name_of_check in set(skipped) - allowed:
        print("passed over: %(check)s: %(detail)s" % skipped[name_of_check])
    print("%(passed)d passed, %(failed)d failed, %(skipped)d skipped, %(elapsed_ms)d ms" % document)
    return not failed and set(skipped) <= allowed


def main():
    plugin, = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        if os.path.basename(plugin) != "secret-service":
            return 0 if check(plugin, folder, []) else 1
        if SecretService.missing():
            print("missing: " + " ".join(SecretService.missing()))
            return 1 if os.environ.get("CI") else 77
        service = SecretService().start()
        try:
            words = [word for name, value in service.environment.items()
                     for word in ("--environment", "%s=%s" % (name, value))]
            return 0 if check(plugin, folder, words) else 1
        finally:
            service.stop()


if __name__ == "__main__":
    sys.exit(main())
