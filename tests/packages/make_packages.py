# SPDX-License-Identifier: MIT
"""Makes every package of a build folder: make_packages.py BUILD_FOLDER. Output is shown on failure."""
import os
import pathlib
import shutil
import subprocess
import sys

KINDS = (("-G", "DEB"), ("-G", "RPM"), ("--config", "CPackSourceConfig.cmake"))


def make(build, environment=None):
    """The folder with the packages, and nothing else."""
    folder = pathlib.Path(build) / "packages"
    shutil.rmtree(folder, ignore_errors=True)
    for kind in KINDS:
        done = subprocess.run(["cpack", *kind], cwd=build, env=environment or os.environ, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0 or "warning" in done.stdout.lower():
            sys.exit(f"cpack {' '.join(kind)}: exit {done.returncode}\n{done.stdout}")
    return folder


if __name__ == "__main__":
    make(sys.argv[1])
