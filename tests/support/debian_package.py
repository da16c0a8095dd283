# SPDX-License-Identifier: MIT
"""Debian packages as the tests look at them, and a whole Debian in a folder to install them into."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile


def run(*command, check=True, **more):
    done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, **more)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


class Package:
    """One .deb file."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        text = run("dpkg-deb", "-f", path).stdout
        self.fields = dict(re.findall(r"^(\S+): (.*)$", text, re.M))
        self.name = self.fields["Package"]

    def relations(self, field):
        """The names that a field of dependencies names."""
        return [re.match(r"\s*(\S+)", one).group(1) for one in self.fields.get(field, "").split(",") if one]

    def files(self):
        """path → (mode, owner, size), as `tar` lists them; folders end in a slash."""
        found = {}
        for line in run("dpkg-deb", "-c", self.path).stdout.splitlines():
            mode, owner, size, _, _, path = line.split(None, 5)
            found[path.split(" -> ")[0][1:]] = (mode, owner, size)
        return found

    def control(self, name):
        """A control file beside `control`, or None."""
        done = run("dpkg-deb", "-I", self.path, name, check=False)
        return done.stdout if done.returncode == 0 else None

    def repack(self, folder, change):
        """Another .deb in `folder`, after change(root) of the unpacked one."""
        with tempfile.TemporaryDirectory() as scratch:
            root = pathlib.Path(scratch) / "root"
            run("dpkg-deb", "-R", self.path, root)
            change(root)
            run("dpkg-deb", "--root-owner-group", "-Znone", "-b", root, folder)


def packages_in(folder):
    """name → Package, of the .deb files in a folder but those of debug symbols."""
    packages = map(Package, pathlib.Path(folder).glob("*.deb"))
    return {package.name: package for package in packages if not package.name.endswith("-dbgsym")}


def mirror(suite):
    """Where this machine's apt has Debian from: never written down, for it is this machine's matter."""
    targets = run("apt-get", "indextargets", "--format", "$(SITE)|$(RELEASE)|$(LABEL)",
                  "Created-By: Packages").stdout
    for line in targets.splitlines():
        site, release, label = line.split("|")
        if label == "Debian" and release == suite:
            return site
    raise RuntimeError(f"apt knows no mirror of Debian's {suite}; apt-get update?")


def this_suite():
    text = pathlib.Path("/etc/os-release").read_text()
    return re.search(r"^VERSION_CODENAME=(\w+)", text, re.M).group(1)


class Debian:
    """A minimal Debian in a folder, as root. Paths of the host below `root` mean the same inside."""

    def __init__(self, suite=None, mirror_of=None, include=()):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="acsmtp-debian-"))
        self.root = self.top / "root"
        suite = suite or this_suite()
        command = ["mmdebstrap", "--quiet", "--variant=minbase", "--dpkgopt=force-unsafe-io",
                   "--skip=cleanup/apt", "--aptopt=Acquire::Languages \"none\"",
                   *([f"--include={','.join(include)}"] if include else []),
                   suite, self.root, f"deb {mirror(mirror_of or suite)} {suite} main"]
        try:
            run(*command)
        except RuntimeError:
            self.close()
            raise
        inside = self.root / str(self.top)[1:]
        inside.mkdir(parents=True)
        (inside / "root").symlink_to("/")

    def close(self):
        shutil.rmtree(self.top, ignore_errors=True)

    def command(self, *arguments, user=None):
        """What runs a program inside, with /proc and /dev of its own, that are gone with it."""
        script = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot ${USERSPEC:+--userspec=$USERSPEC} "$0" "$@"'
        return ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive",
                f"HOME={'/root' if user is None else '/home/' + user}", f"USERSPEC={user or ''}",
                *[f"{k}={v}" for k, v in os.environ.items() if k.lower().endswith("_proxy")],
                "unshare", "--mount", "--propagation", "private", "sh", "-c", script, str(self.root),
                *map(str, arguments)]

    def run(self, *arguments, user=None, check=True, data=None, timeout=600):
        done = subprocess.run(self.command(*arguments, user=user), input=data or "", capture_output=True,
                              text=True, timeout=timeout)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, arguments))}: exit {done.returncode}\n"
                               f"{done.stdout}{done.stderr}")
        return done

    def install(self, packages):
        """Files of packages and names; what they need comes from the mirror."""
        store = self.root / "var" / "cache" / "acsmtp"
        store.mkdir(exist_ok=True)
        names = []
        for package in packages:
            if isinstance(package, pathlib.Path):
                shutil.copy(package, store)
                package = f"/var/cache/acsmtp/{package.name}"
            names.append(package)
        return self.run("apt-get", "install", "-qq", "-y", "--no-install-recommends", "--allow-downgrades",
                        "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold",
                        "-o", "Dpkg::Options::=--force-unsafe-io", *names)

    def status(self, package):
        done = self.run("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package, check=False)
        return done.stdout.strip()
