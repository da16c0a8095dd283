# SPDX-License-Identifier: MIT
"""The benchmark: acsmtp beside curl, msmtp, Python's smtplib and a raw floor, in one run, against
the same local server with STARTTLS, verified CA and authentication. Prints tables and, at the end,
what was to be reached and whether it was. Not a test: the machine should be idle.

tests/bench/run.py [--build BUILD] [--section one-shot|startup|batch|memory|all] [--runs N]
                   [--messages N] [--round-trip MS] [--markdown]

Needs root (Postfix) and the Debian packages postfix, dovecot-core, msmtp, curl, openssl.
"""

import argparse
import os
import platform
import re
import subprocess
import sys

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import clients
import figures
import world as world_module
import delay_relay

BATCH_RUNS = 5
RELAY_RUNS = 2


class Bench:
    def __init__(self, world, options):
        self.world, self.options = world, options
        self.goals = []

    def table(self, title, heads, rows):
        figures.table(title, heads, rows, self.options.markdown)

    def goal(self, text, measured, met):
        self.goals.append([text, measured, "yes" if met else "NO"])

    def clients(self, *classes):
        """One of each; acsmtp only where it is built."""
        made = [clients.Raw(self.world.programs)]
        if self.world.acsmtp:
            made.append(self.world.acsmtp_client())
        return made + [each() for each in classes]

    # ---- one message, one process ----

    def one_shot(self):
        for trust in (self.world.single, self.world.system):
            for mechanism in ("login", "xoauth2"):
                job = self.world.job(mechanism, [self.world.small], trust)
                tasks = {}
                for client in self.clients(clients.Curl, clients.Msmtp, clients.Smtplib):
                    tasks.update(self.world.task(client, job))
                if mechanism == "xoauth2" and self.world.cached:
                    tasks.update(self.world.task(self.world.acsmtp_client(True), job,
                                                 "acsmtp, cached token"))
                samples = figures.rounds(self.world.meter, self.options.runs, tasks)
                self.show_one_shot(trust, mechanism, samples)

    def show_one_shot(self, trust, mechanism, samples):
        curl, rows = samples["curl"], []
        for name, sample in samples.items():
            rows.append([name, "%.1f" % sample.wall, "%.1f" % min(sample.walls()),
                         "%.1f" % max(sample.walls()), "%d" % sample.stalled,
                         "%.1f" % sample.best, "%.2f" % (sample.best / curl.best),
                         "%.1f" % sample.cpu, "%.2f" % (sample.cpu / curl.cpu),
                         "%.1f" % sample.memory])
        self.table("One message of 2 KiB, %s, %s, %d runs (ms)" %
                   (mechanism.upper(), trust.name, self.options.runs),
                   ["client", "wall median", "min", "max", "stalled", "unstalled median",
                    "of curl's", "CPU", "of curl's", "max RSS MiB"], rows)
        for name, sample in samples.items():
            if name.startswith("acsmtp"):
                self.judge_one_shot("%s, %s, %s" % (name, mechanism.upper(), trust.name), trust,
                                    sample, samples)

    def judge_one_shot(self, name, trust, sample, samples):
        curl, msmtp = samples["curl"], samples["msmtp"]
        self.goal(name + ": at most the wall time of curl's unstalled runs",
                  "%.1f : %.1f ms" % (sample.wall, curl.best), sample.wall <= curl.best)
        # The raw client cannot stall: what looks so there is the machine's noise.
        self.goal(name + ": no stalled run", "%d of %d (raw %d)" %
                  (sample.stalled, len(sample.runs), samples["raw OpenSSL"].stalled),
                  sample.stalled == 0)
        if trust is self.world.system:
            self.goal(name + ": at most half of curl's CPU",
                      "%.1f : %.1f ms" % (sample.cpu, curl.cpu), sample.cpu <= curl.cpu / 2)
        else:
            for peer, other in (("curl", curl), ("msmtp", msmtp)):
                self.goal("%s: no more CPU than %s" % (name, peer),
                          "%.1f : %.1f ms" % (sample.cpu, other.cpu), sample.cpu <= other.cpu)

    # ---- start-up ----

    def startup(self):
        tasks = {"/bin/true": (["/bin/true"], {}, None),
                 "curl -V": (["/usr/bin/curl", "-V"], {}, None),
                 "msmtp --version": (["/usr/bin/msmtp", "--version"], {}, None)}
        if self.world.acsmtp:
            program, environment = self.world.acsmtp_client().program, {
                "ACSMTP_PLUGIN_PATH": os.path.join(self.world.build, "plugins")}
            tasks["acsmtp --version"] = ([program, "--version"], environment, None)
            tasks["acsmtp send --help"] = ([program, "send", "--help"], environment, None)
            tasks["acsmtp plugins list"] = ([program, "plugins", "list"], environment, None)
        if self.world.cached:
            tasks["acsmtp token, cached"] = (*self.world.token_command(), None)
        samples = figures.rounds(self.world.meter, self.options.runs, tasks)
        rows, libraries = [], {}
        for name, sample in samples.items():
            libraries[name] = self.libraries(*tasks[name][:2])
            curl = any("libcurl" in library for library in libraries[name])
            rows.append([name, "%.1f" % sample.wall, "%.1f" % min(sample.walls()),
                         "%.1f" % sample.cpu, "%.1f" % sample.memory,
                         "%d" % len(libraries[name]), "yes" if curl else "no"])
            if name in ("acsmtp --version", "acsmtp token, cached"):
                self.goal(name + ": at most 5 ms", "%.1f ms" % sample.wall, sample.wall <= 5)
                self.goal(name + ": loads no libcurl", "yes" if curl else "no", not curl)
        self.table("Start-up, %d runs (ms)" % self.options.runs,
                   ["command", "wall median", "min", "CPU", "max RSS MiB", "libraries", "libcurl"],
                   rows)

    def libraries(self, command, environment):
        """Every shared object that was initialised, dlopen()ed ones included: ld.so tells."""
        output = os.path.join(self.world.folder, "ld")
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       env=dict(self.world.meter.environment, LD_DEBUG="libs",
                                LD_DEBUG_OUTPUT=output, **environment))
        found = set()
        for name in os.listdir(self.world.folder):
            if name.startswith("ld."):
                path = os.path.join(self.world.folder, name)
                with open(path, encoding="utf-8", errors="replace") as file:
                    found.update(re.findall(r"calling init: (\S+)", file.read()))
                os.unlink(path)
        return {path for path in found if "ld-linux" not in path}

    # ---- many messages, one connection ----

    def batch(self):
        count = self.options.messages
        files = [self.world.write("message-%d.eml" % number, world_module.message(2048))
                 for number in range(count)]
        postfix, sink = self.world.postfix, self.world.sink
        trust = clients.Trust.single(sink.ca_file)
        self.batch_against("Postfix", self.world.job("login", files), BATCH_RUNS, None)
        self.batch_against("the sink", self.world.job("login", files, trust, sink.port), BATCH_RUNS,
                           sink)
        far = self.options.round_trip / 1000
        with delay_relay.DelayRelay("127.0.0.1", postfix.port, far) as relay:
            self.batch_against("Postfix, %g ms away" % self.options.round_trip,
                               self.world.job("login", files, port=relay.port), RELAY_RUNS, None, 3)
        with delay_relay.DelayRelay("127.0.0.1", sink.port, far) as relay:
            self.batch_against("the sink, %g ms away" % self.options.round_trip,
                               self.world.job("login", files, trust, relay.port), RELAY_RUNS, sink,
                               3)

    def batch_against(self, server, job, runs, sink, factor=None):
        """factor: how many times curl's and smtplib's rate is wanted of acsmtp."""
        tasks, count = {}, len(job.files)
        for client in self.clients(clients.Curl, clients.Smtplib):
            tasks.update(self.world.task(client, job))
        samples = figures.rounds(self.world.meter, runs, tasks, warm_up=factor is None)
        if sink:
            sink.expect((runs + (factor is None)) * len(tasks), count)
        rate = {name: 1000 * count / sample.wall for name, sample in samples.items()}
        micro = {name: 1000 * sample.cpu / count for name, sample in samples.items()}
        self.table("%d messages of 2 KiB over one connection to %s, LOGIN, %d runs" %
                   (count, server, runs),
                   ["client", "messages/s", "of curl's", "CPU us/message", "of curl's",
                    "max RSS MiB"],
                   [[name, "%.0f" % rate[name], "%.2f" % (rate[name] / rate["curl"]),
                     "%.0f" % micro[name], "%.2f" % (micro[name] / micro["curl"]),
                     "%.1f" % sample.memory] for name, sample in samples.items()])
        if "acsmtp" not in samples:
            return
        if factor:
            best = max(rate["curl"], rate["Python smtplib"])
            self.goal("batch to %s: %d times curl's and smtplib's rate" % (server, factor),
                      "%.0f : %.0f/s" % (rate["acsmtp"], best), rate["acsmtp"] >= factor * best)
            return
        self.goal("batch to %s: at least curl's rate" % server,
                  "%.0f : %.0f/s" % (rate["acsmtp"], rate["curl"]),
                  rate["acsmtp"] >= rate["curl"])
        self.goal("batch to %s: less CPU a message than smtplib" % server,
                  "%.0f : %.0f us" % (micro["acsmtp"], micro["Python smtplib"]),
                  micro["acsmtp"] < micro["Python smtplib"])

    # ---- memory ----

    def memory(self):
        large = self.world.write("large.eml", world_module.message(25 << 20))
        runs = max(3, self.options.runs // 10)
        tasks = {}
        for client in self.clients(clients.Curl, clients.Msmtp, clients.Smtplib)[1:]:
            for size, file in (("small", self.world.small), ("large", large)):
                tasks.update(self.world.task(client, self.world.job("login", [file]),
                                             client.name + "/" + size))
        samples, rows = figures.rounds(self.world.meter, runs, tasks), []
        for name in tasks:
            if not name.endswith("/small"):
                continue
            name = name[:-len("/small")]
            small, large = samples[name + "/small"], samples[name + "/large"]
            more = large.memory - small.memory
            rows.append([name, "%.1f" % small.memory, "%.1f" % large.memory, "%.1f" % more,
                         "%.0f" % large.wall, "%.0f" % large.cpu])
            if name == "acsmtp":
                self.goal("memory of 25 MB: below 2 MB more than of 2 KiB", "%.1f MiB" % more,
                          more < 2)
        self.table("Peak memory of one message, LOGIN, one CA file, %d runs (MiB)" % runs,
                   ["client", "2 KiB", "25 MB", "more", "25 MB: wall ms", "CPU ms"], rows)


def versions():
    def first(*command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              encoding="utf-8", errors="replace", check=False)
        return " ".join(done.stdout.split()[:3]).rstrip(",")

    return ", ".join([platform.platform(), "%d CPUs" % os.cpu_count(),
                      first("curl", "-V"), first("msmtp", "--version"),
                      first("openssl", "version"), "Python " + platform.python_version()])


def main():
    sections = {"one-shot": Bench.one_shot, "startup": Bench.startup, "batch": Bench.batch,
                "memory": Bench.memory}
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--build", default=os.environ.get("ACSMTP_BUILD_DIR", "build"))
    parser.add_argument("--section", choices=list(sections) + ["all"], default="all")
    parser.add_argument("--runs", type=int, default=50, metavar="N")
    parser.add_argument("--messages", type=int, default=1000, metavar="N")
    parser.add_argument("--round-trip", type=float, default=5, metavar="MS")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    print(versions())
    if os.getloadavg()[0] > 0.5:
        print("the machine is busy (load %.1f): wall times and stalls say little" %
              os.getloadavg()[0])
    with world_module.World(os.path.abspath(options.build)) as world:
        if not world.acsmtp:
            print("no acsmtp in %s: the others only" % options.build)
        bench = Bench(world, options)
        for name, section in sections.items():
            if options.section in (name, "all"):
                section(bench)
        if bench.goals:
            bench.table("Goals", ["goal", "measured", "met"], bench.goals)


if __name__ == "__main__":
    main()
