# SPDX-License-Identifier: MIT
"""Builds the tree on another Debian, the next one unless said otherwise, and runs its tests there:

    tests/run.sh next-release [SUITE] [CTEST-ARGUMENT...]

Newer libraries are newer questions: libcurl, libjwt, json-c, OpenSSL, c-ares, gcc. As root, in a folder
made by mmdebstrap from the mirror that this machine's apt uses; 10 to 30 minutes on two cores.
"""
import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "support"))
from debian_package import Debian, run, this_suite  # noqa: E402

NEXT = {"bookworm": "trixie", "trixie": "forky"}
TOOLS = ["g++", "libcunit1-dev", "python3", "python3-jsonschema", "python3-aiosmtpd", "openssl", "curl", "jq", "git",
         "iproute2", "dpkg-dev", "rpm", "knot", "bind9-utils"]
LABELS = ["-L", "unit|plugins|fuzz|abi|emulator"]


def build_packages():
    script = '. "$0"; echo "${PACKAGES_BUILD[@]}"'
    return run("bash", "-c", script, SOURCE / "tests" / "support" / "packages.sh").stdout.split()


def say(text):
    print(f"\n== {text}", flush=True)


def copy_source(debian):
    """What git knows of, with what was changed and not committed yet."""
    target = debian.root / "src"
    target.mkdir()
    listed = run("git", "-C", SOURCE, "ls-files", "--cached", "--others", "--exclude-standard").stdout
    subprocess.run(["tar", "-C", SOURCE, "--files-from=-", "-cf", debian.top / "source.tar"], check=True,
                   input=listed, text=True)
    run("tar", "-C", target, "--no-same-owner", "-xf", debian.top / "source.tar")


def inside(debian, *command):
    """Its output is shown as it comes, without a way out of this machine."""
    offline = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    return subprocess.run([*offline, *debian.command(*command)], stdin=subprocess.DEVNULL).returncode


def test(debian, arguments):
    jobs = str(os.cpu_count())
    for step in (["cmake", "-S", "/src", "-B", "/build", "-G", "Ninja", "-DACSMTP_WERROR=ON", "-DBUILD_TESTING=ON",
                  "-DCMAKE_INSTALL_PREFIX=/usr"],
                 ["ninja", "-C", "/build", "--quiet"],
                 ["ctest", "--test-dir", "/build", "-j", jobs, "--output-on-failure", *(arguments or LABELS)],
                 ["sh", "-c", "cd /build && cpack -G DEB"]):
        say(" ".join(step))
        status = inside(debian, *step)
        if status != 0:
            return status
    return 0


def main(arguments):
    suite = arguments[0] if arguments else NEXT[this_suite()]
    say(f"Debian {suite}")
    debian = Debian(suite, this_suite(), [*build_packages(), *TOOLS])
    try:
        copy_source(debian)
        return test(debian, arguments[1:])
    finally:
        debian.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
