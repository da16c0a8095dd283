# SPDX-License-Identifier: MIT
"""acsmtp-emulator as the stand-in for a provider: what acsmtp plugin check --provider reads."""

import json
import os

import battery
from emulator import Emulator


class Provider:
    """An emulator with an empty subscription; `path` is the description, `options` what acs needs to
    make deployments there that do not meet each other."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "provider.json")
        self.emulator = Emulator(os.path.join(battery.BUILD, "bin", "acsmtp-emulator"), empty=True)
        self.options = {}

    def __enter__(self):
        self.emulator.start()
        self.emulator.patch({"time_scale": 100000, "arm_switches": {"lro_retry_after": 0}})
        ends = self.emulator.endpoints
        audiences = (ends["resource_manager"], ends["graph"], "https://" + ends["key_vault_domain"])
        tokens = {audience + "/.default": self.emulator.token("operator", audience=audience)
                  for audience in audiences}
        with open(self.path, "w", encoding="ascii") as file:
            json.dump({"cloud": self.emulator.cloud, "tokens": tokens}, file)
        self.options = {"subscription": ends["subscription_id"], "resource_group": "kit-@INSTANCE@",
                        "communication_service": "kit-@INSTANCE@",
                        "managed_identity": "kit-@INSTANCE@", "poll": "10ms", "wait": "20s",
                        "rotate_grace": "0s"}
        return self

    def __exit__(self, *_):
        self.emulator.stop()
