# SPDX-License-Identifier: MIT
"""Each call that a first apply makes loses its connection once, before or after Azure has done what was
asked: apply gets through it, and nothing is there twice."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from provision_calls import READS, WRITES, CallCase


class Lost(CallCase):
    def test_before_it_was_done(self):
        self.at_each(READS + WRITES, action="drop")

    def test_after_it_was_done(self):
        self.at_each(WRITES, action="drop_after")


if __name__ == "__main__":
    processes.main()
