#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long a token takes: acsmtp, az, and the Azure SDK for JavaScript, at one emulator.

    tests/bench/credentials.py [--runs 20] [--markdown] [--packages FOLDER]

npm installs @azure/identity into a private folder (or into --packages, which stays). Then everything
runs in a network namespace of its own, where the address of the metadata service can be made to
refuse, to be unreachable and to be silent, and nothing can leave the machine.

"Cached" is a token that an earlier process fetched; the SDK has nothing of the kind without a further
package. "Falls through" is the default chain on a machine whose only identity is the login of az: a
stand-in for az, the same for both, answers at once, so that what remains is the way to it.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(TOP, "tests", "support")]
# pylint: disable=wrong-import-position
import azure_cli
import figures
from emulator import Emulator

RESOURCE = "https://communication.azure.com"
METADATA = "169.254.169.254"
# In the bench's own namespace: what a connection to the metadata service meets.
NETWORKS = {
    "refused": [["ip", "addr", "add", METADATA + "/32", "dev", "lo"]],
    "unreachable": [],
    "silent": [["ip", "route", "add", METADATA + "/32", "dev", "lo"]],
}
STAND_IN = """#!/bin/sh
echo '{"accessToken": "stand.in.token", "expiresOn": "2099-01-01 00:00:00.000000",
 "expires_on": 4070908800, "subscription": "s", "tenant": "t", "tokenType": "Bearer"}'
"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default=os.environ.get("ACSMTP_BUILD_DIR", "build"))
    parser.add_argument("--runs", type=int, default=20, metavar="N")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--packages", help="folder for @azure/identity; it is kept")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def install(folder):
    """@azure/identity with the machine's npm; None when that cannot be done."""
    if os.path.isdir(os.path.join(folder, "node_modules", "@azure", "identity")):
        return folder
    if not shutil.which("npm") or not shutil.which("node"):
        print("without node and npm the SDK is left out")
        return None
    done = subprocess.run(["npm", "install", "--prefix", folder, "--no-audit", "--no-fund",
                           "--ignore-scripts", "@azure/identity"], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        print("npm cannot install @azure/identity, the SDK is left out:", done.stderr.strip()[-300:])
        return None
    return folder


class MetadataService:
    """The emulator's, at the address where the SDK looks for it: a relay of connections."""

    def __init__(self, emulator):
        port = int(emulator.endpoints["imds"].rsplit(":", 1)[1])
        self.target = ("127.0.0.1", port)
        self.listener = socket.create_server((METADATA, 80))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def copy(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Bench:
    def __init__(self, options, folder, emulator):
        self.options, self.folder, self.emulator = options, folder, emulator
        self.build = os.path.abspath(options.build)
        self.meter = figures.Meter(os.path.join(self.build, "tests", "bench", "bench-measure"), folder)
        application = emulator.application("modern-client")
        self.identity = {"AZURE_TENANT_ID": emulator.endpoints["tenant_id"],
                         "AZURE_CLIENT_ID": application["client_id"],
                         "AZURE_CLIENT_SECRET": application["client_secret"]}
        self.packages = options.packages
        self.rows = []

    # the contestants: (command, environment, stdin)

    def acsmtp(self, credential, *more, cloud=None, **environment):
        config = os.path.join(self.folder, credential + ".json")
        with open(os.open(config, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w",
                  encoding="ascii") as file:
            json.dump({"profiles": {"bench": {"credentials": [credential]}}}, file)
        environment.update(ACSMTP_PLUGIN_PATH=os.path.join(self.build, "plugins"))
        return ([os.path.join(self.build, "bin", "acsmtp"), "--config", config, "--cloud",
                 cloud or self.emulator.cloud, "token", *more], environment, None)

    def sdk(self, mode, **environment):
        environment.update(
            NODE_EXTRA_CA_CERTS=self.emulator.endpoints["ca_file"],
            BENCH_AUTHORITY=self.emulator.endpoints["authority_host"],
            BENCH_TENANT=self.identity["AZURE_TENANT_ID"], BENCH_CLIENT=self.identity["AZURE_CLIENT_ID"],
            BENCH_SECRET=self.identity["AZURE_CLIENT_SECRET"])
        return (["/bin/sh", "-c", 'cd "$1" && exec node "$2" "$3"', "sh", self.packages or "",
                 os.path.join(HERE, "sdk.mjs"), mode], environment, None)

    @staticmethod
    def az(cli, cold):
        forget = "rm -f %s/msal_token_cache.* && " % cli.config_dir if cold else ""
        return (["/bin/sh", "-c", forget + "exec %s account get-access-token --resource %s" %
                 (cli.program, RESOURCE)], dict(cli.environment), None)

    # measuring

    def compare(self, what, runs, **tasks):
        """One row: the medians of each contestant, which take turns."""
        samples = figures.rounds(self.meter, runs, {name: task for name, task in tasks.items() if task})
        cells = [what]
        for name in ("acsmtp", "az", "sdk"):
            sample = samples.get(name)
            cells.append("%.1f (%.0f)" % (sample.wall, sample.cpu) if sample else "-")
        self.rows.append(cells)

    def sources(self, cli):
        runs, few = self.options.runs, max(3, self.options.runs // 4)
        sdk = self.sdk if self.packages else lambda *_, **__: None
        self.compare("client secret, cached", runs, acsmtp=self.acsmtp("client-secret", **self.identity))
        if cli:
            self.compare("az's login, cached", few, az=self.az(cli, cold=False))
        self.compare("client secret, asked for", runs,
                     acsmtp=self.acsmtp("client-secret", "--refresh", **self.identity),
                     sdk=sdk("secret"))
        if cli:
            self.compare("az's login, asked for", few, az=self.az(cli, cold=True))
        self.network("refused")
        service = MetadataService(self.emulator)
        self.compare("managed identity, asked for", runs,
                     acsmtp=self.acsmtp("imds", "--refresh", cloud="public"), sdk=sdk("identity"))
        service.close()

    @staticmethod
    def network(name):
        """What the metadata service's address is from now on."""
        subprocess.run(["ip", "addr", "flush", "dev", "lo"], check=True)
        subprocess.run(["ip", "addr", "add", "127.0.0.1/8", "dev", "lo"], check=True)
        for command in NETWORKS[name]:
            subprocess.run(command, check=True)

    def fall_through(self):
        tools = os.path.join(self.folder, "tools")
        os.mkdir(tools)
        with open(os.open(os.path.join(tools, "az"), os.O_CREAT | os.O_WRONLY, 0o700), "w",
                  encoding="ascii") as script:
            script.write(STAND_IN)
        path = tools + ":/usr/bin:/bin"
        runs = max(3, self.options.runs // 2)
        for name in NETWORKS:
            self.network(name)
            self.compare("falls through to az, metadata service %s" % name, runs,
                         # The public cloud: where the metadata service is really looked for.
                         acsmtp=self.acsmtp("default", "--refresh", cloud="public", PATH=path),
                         sdk=self.sdk("default", PATH=path) if self.packages else None)

    def memory(self):
        """Microseconds for a token that the process has already."""
        def times(command, environment):
            done = [subprocess.run(command, env=dict(self.meter.environment, **environment),
                                   check=True, capture_output=True, text=True) for _ in range(5)]
            return statistics.median(float(one.stdout) for one in done)
        _, environment, _ = self.acsmtp("client-secret", **self.identity)
        own = times([os.path.join(self.build, "tests", "bench", "bench-token-loop"),
                     os.path.join(self.folder, "client-secret.json"), self.emulator.cloud], environment)
        sdk = "-"
        if self.packages:
            command, environment, _ = self.sdk("loop")
            sdk = "%.2f" % times(command, environment)
        figures.table("A token that the process has, microseconds", ["", "libacsmtp", "SDK"],
                      [["each of many", "%.2f" % own, sdk]], self.options.markdown)


def versions(packages):
    def first(*command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.splitlines()[0].strip() if done.stdout else "?"
    sdk = "no SDK"
    if packages:
        with open(os.path.join(packages, "node_modules", "@azure", "identity", "package.json"),
                  encoding="utf-8") as file:
            sdk = "@azure/identity " + json.load(file)["version"]
    return "%s, node %s, azure-cli %s" % (
        sdk, first("node", "--version"), first("dpkg-query", "-W", "-f", "${Version}\n", "azure-cli"))


def inside(options):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    print(versions(options.packages))
    program = os.path.join(os.path.abspath(options.build), "bin", "acsmtp-emulator")
    with tempfile.TemporaryDirectory(prefix="acsmtp-bench-") as folder, Emulator(program) as emulator:
        bench = Bench(options, folder, emulator)
        if azure_cli.find():
            with azure_cli.AzureCli(emulator) as cli:
                cli.login("modern-client")
                bench.sources(cli)
        else:
            bench.sources(None)
        bench.memory()
        bench.fall_through()
        figures.table("One process, one token: wall ms (CPU ms), medians",
                      ["", "acsmtp", "az", "SDK"], bench.rows, options.markdown)


def main():
    options = arguments()
    if options.inside:
        inside(options)
        return
    subprocess.run(["cmake", "--build", options.build, "--target", "bench-programs"], check=True,
                   stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory(prefix="acsmtp-bench-npm-") as folder:
        packages = install(os.path.abspath(options.packages or folder))
        command = ["unshare", "--map-root-user", "--net", sys.executable, "-B", os.path.abspath(__file__),
                   "--inside", "--build", options.build, "--runs", str(options.runs)]
        command += ["--markdown"] * options.markdown + (["--packages", packages] if packages else [])
        sys.exit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()
