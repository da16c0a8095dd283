# SPDX-License-Identifier: MIT
"""Two builds, the same bytes: the second one is of the source tarball, in another folder, by another
umask, language, time zone and home. What differs is shown by diffoscope."""
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from make_packages import make

BUILD = pathlib.Path(os.environ["ACSMTP_BUILD_DIR"])
ELSEWHERE = {"LC_ALL": "C.UTF-8", "LANGUAGE": "tr", "TZ": "Asia/Kathmandu", "CFLAGS": os.environ.get("CFLAGS", "")}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def cached(name):
    """A variable of the first build's cache."""
    for line in (BUILD / "CMakeCache.txt").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return line.split("=", 1)[1]
    raise KeyError(name)


def run(*command, cwd=None, **more):
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


class TwoBuilds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="acsmtp-second-build-")
        cls.addClassCleanup(cls.folder.cleanup)
        top = pathlib.Path(cls.folder.name)
        env = {**os.environ, **ELSEWHERE, "HOME": str(top)}
        mask = os.umask(0o077)
        try:
            run("tar", "xzf", str(next((BUILD / "packages").glob("acsmtp-*.tar.gz"))), "-C", str(top))
            source, build = next(top.glob("acsmtp-*")), top / "elsewhere"
            run("cmake", "-S", source, "-B", build, "-G", "Ninja", "-DBUILD_TESTING=OFF",
                "-DCMAKE_INSTALL_PREFIX=/usr", f"-DCMAKE_C_COMPILER={cached('CMAKE_C_COMPILER')}",
                f"-DCMAKE_BUILD_TYPE={cached('CMAKE_BUILD_TYPE')}", env=env)
            run("ninja", "-C", build, "--quiet", env=env)
            cls.second = make(build, env)
            cls.build, cls.env = build, env
        finally:
            os.umask(mask)
        cls.first = BUILD / "packages"

    def test_the_same_bytes(self):
        names = sorted(path.name for path in self.first.iterdir())
        self.assertEqual(sorted(path.name for path in self.second.iterdir()), names)
        self.assertGreater(len(names), 30)
        differ = [name for name in names if digest(self.first / name) != digest(self.second / name)]
        for name in differ[:1]:
            shown = subprocess.run(["diffoscope", self.first / name,
                                    self.second / name], capture_output=True, text=True)
            sys.stderr.write(shown.stdout + shown.stderr)
        self.assertEqual(differ, [])

    def test_z_other_folders_and_a_package_a_plugin(self):
        # Last of all: it goes on in the second build.
        run("cmake", "-DCMAKE_INSTALL_LIBDIR=lib64", "-DACSMTP_PACKAGE_PER_PLUGIN=ON", self.build, env=self.env)
        run("ninja", "-C", self.build, "--quiet", env=self.env)
        run("cpack", "-G", "RPM", cwd=self.build, env=self.env)
        plugins = {path.stem for path in (BUILD / "plugins").glob("*/*.so")}
        for plugin in sorted(plugins):
            path = next(self.second.glob(f"acsmtp-plugin-{plugin}-0*.rpm"))
            self.assertRegex(run("rpm", "-qpl", path), rf"/usr/lib64/acsmtp/plugins/\w+/{plugin}\.so\n")
        self.assertIn("/usr/lib64/libacsmtp.so.0\n", run("rpm", "-qpl", next(self.second.glob("libacsmtp0-0*.rpm"))))


if __name__ == "__main__":
    unittest.main()
