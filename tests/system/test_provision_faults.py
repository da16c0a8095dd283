# SPDX-License-Identifier: MIT
"""Each call that a first apply makes is refused once for a while: apply gets through it."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
# pylint: disable=wrong-import-position
import processes
from provision_calls import READS, WRITES, CallCase


class Refused(CallCase):
    def test_throttled(self):
        self.at_each(READS + WRITES, action="status", status=429, retry_after=0)

    def test_retry_after_is_obeyed(self):
        self.fault(service="arm", method="PUT", match="/emailServices/acs-smtp-poc-email?",
                   action="status", status=429, retry_after=2, count=1)
        begin = time.monotonic()
        self.apply()
        self.assertGreater(time.monotonic() - begin, 2)

    def test_unavailable(self):
        """New secrets among them, of which nobody knows then whether they were made."""
        self.at_each(READS + WRITES, action="status", status=503, retry_after=0)
        self.at_each(READS[::4] + WRITES[1::4], action="status", status=500)


if __name__ == "__main__":
    processes.main()
