# SPDX-License-Identifier: MIT
"""The clients of the benchmark and how each is told the same thing: this server, this CA, this
user, this message. Each is set up as its manual says, with no check switched off."""

import json
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
SENDER, RECIPIENT = "alice@example.org", "bob@example.org"
SYSTEM_BUNDLE, SYSTEM_FOLDER = "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs"


class Trust:
    """What a client is to trust: a single CA file, or private copies of the system's store with the
    test's CA in it, in the form the client loads by itself: bundle file or hashed folder."""

    def __init__(self, name, bundle, folder=None):
        self.name, self.bundle, self.folder = name, bundle, folder

    @classmethod
    def single(cls, ca_file):
        return cls("one CA file", ca_file)

    @classmethod
    def system(cls, ca_file, parent):
        bundle, folder = os.path.join(parent, "bundle.crt"), os.path.join(parent, "certs")
        with open(bundle, "wb") as out:
            for source in (SYSTEM_BUNDLE, ca_file):
                with open(source, "rb") as part:
                    shutil.copyfileobj(part, out)
        os.mkdir(folder)
        for name in os.listdir(SYSTEM_FOLDER):
            if name.endswith(".pem"):
                shutil.copyfile(os.path.join(SYSTEM_FOLDER, name), os.path.join(folder, name))
        shutil.copyfile(ca_file, os.path.join(folder, "test-ca.pem"))
        subprocess.run(["openssl", "rehash", folder], check=True, stderr=subprocess.DEVNULL)
        return cls("system store", bundle, folder)


class Job:
    """One task for a client: mechanism is "login" or "xoauth2", files are finished messages."""

    def __init__(self, port, trust, mechanism, user, secret, files):
        self.port, self.trust, self.mechanism = port, trust, mechanism
        self.user, self.secret, self.files = user, secret, files


def private_file(path, text):
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w",
              encoding="utf-8") as file:
        file.write(text)


class Raw:
    name = "raw OpenSSL"

    def __init__(self, programs):
        self.program = programs["bench-raw"]

    def command(self, job, folder):
        trust = job.trust.folder or job.trust.bundle
        return ([self.program, job.mechanism, str(job.port), trust, job.user, SENDER, RECIPIENT]
                + job.files, {"BENCH_SECRET": job.secret})


class Smtplib:
    name = "Python smtplib"

    def command(self, job, folder):
        return ([PYTHON, os.path.join(HERE, "smtplib_client.py"), job.mechanism, str(job.port),
                 job.trust.bundle, job.user, SENDER, RECIPIENT] + job.files,
                {"BENCH_SECRET": job.secret})


class Curl:
    """For several messages one process with a config file, one --next after the other, which keeps
    the connection."""

    name = "curl"

    def options(self, job, file):
        secret = ([("user", "%s:%s" % (job.user, job.secret)), ("login-options", "AUTH=LOGIN")]
                  if job.mechanism == "login" else
                  [("user", job.user + ":"), ("oauth2-bearer", job.secret),
                   ("login-options", "AUTH=XOAUTH2")])
        return [("silent", None), ("show-error", None), ("ssl-reqd", None),
                ("cacert", job.trust.bundle), ("mail-from", SENDER), ("mail-rcpt", RECIPIENT),
                ("url", "smtp://localhost:%d/bench.test" % job.port),
                ("upload-file", file)] + secret

    def command(self, job, folder):
        if len(job.files) == 1:
            words = []
            for name, value in self.options(job, job.files[0]):
                words += ["--" + name] + ([] if value is None else [value])
            return ["/usr/bin/curl"] + words, {}
        path = os.path.join(folder, "curl.config")
        with open(path, "w", encoding="utf-8") as file:
            for number, message in enumerate(job.files):
                file.write("next\n" if number else "")
                for name, value in self.options(job, message):
                    file.write(name + ("\n" if value is None else ' = "%s"\n' % value))
        return ["/usr/bin/curl", "--config", path], {}


class Msmtp:
    """One message a process. GnuTLS reads no hashed folder, so always the bundle file. Lines of
    its config end after 500 characters, so a token has to come from a command."""

    name = "msmtp"
    CONFIG = ("defaults\nset_from_header off\nset_date_header off\nset_msgid_header off\n"
              "\naccount default\nhost localhost\nport %d\ndomain bench.test\ntls on\n"
              "tls_starttls on\ntls_trust_file %s\nauth %s\nuser %s\n%s\nfrom %s\n")

    def command(self, job, folder):
        path, token = os.path.join(folder, "msmtprc"), os.path.join(folder, "token")
        private_file(token, job.secret)
        secret = ("password " + job.secret if job.mechanism == "login"
                  else 'passwordeval "cat %s"' % token)
        private_file(path, self.CONFIG % (job.port, job.trust.bundle, job.mechanism, job.user,
                                          secret, SENDER))
        return (["/usr/bin/msmtp", "--file=" + path, "--from=" + SENDER, "--", RECIPIENT], {})


class Acsmtp:
    """Password or token from the environment; or, with `cached`, the credential entry of a source
    whose token is in the cache by then. The system's store is the hashed folder: that is what the
    program takes by itself."""

    name = "acsmtp"

    def __init__(self, build, cached=None, environment=None):
        self.program = os.path.join(build, "bin", "acsmtp")
        self.plugins = os.path.join(build, "plugins")
        self.cached = cached
        self.environment = environment or {}

    def command(self, job, folder):
        transport = {"plugin": "smtp-" + job.mechanism, "host": "localhost", "port": job.port}
        if job.trust.folder:
            transport["ca_path"] = job.trust.folder
        else:
            transport["ca_file"] = job.trust.bundle
        credential = {"plugin": "password", "password": {"env": "BENCH_SECRET"}}
        if job.mechanism == "xoauth2":
            credential = self.cached or {"plugin": "token", "token": {"env": "BENCH_SECRET"}}
        config = {"default_profile": "bench", "profiles": {"bench": {
            "from": SENDER, "username": job.user, "credentials": [credential],
            "transports": [transport]}}}
        path = os.path.join(folder, "acsmtp.json")
        private_file(path, json.dumps(config))
        environment = {"ACSMTP_PLUGIN_PATH": self.plugins, "BENCH_SECRET": job.secret}
        environment.update(self.environment)
        return ([self.program, "--config", path, "send", "--to", RECIPIENT] + job.files,
                environment)


def build_programs(build, folder):
    """bench-raw, bench-sink and bench-measure: by CMake where the build folder knows them, else
    with cc: a build without tests can be measured too, or the others without any build."""
    names = {"bench-raw": ["raw.c", "stream.c"], "bench-sink": ["sink.c", "stream.c"],
             "bench-measure": ["measure.c"]}
    if os.path.exists(os.path.join(build, "CMakeCache.txt")) and subprocess.run(
            ["cmake", "--build", build, "--target", "bench-programs"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, check=False).returncode == 0:
        return {name: os.path.join(build, "tests", "bench", name) for name in names}
    for name, sources in names.items():
        subprocess.run(["cc", "-std=c11", "-O2", "-D_GNU_SOURCE", "-o",
                        os.path.join(folder, name)] + [os.path.join(HERE, s) for s in sources]
                       + ["-Wl,--as-needed", "-lssl", "-lcrypto"], check=True)
    return {name: os.path.join(folder, name) for name in names}
