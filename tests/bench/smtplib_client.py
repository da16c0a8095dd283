# SPDX-License-Identifier: MIT
"""Python's smtplib as a client of the benchmark: what one writes who sends mail from a script.

smtplib_client.py login|xoauth2 PORT CA_FILE USER SENDER RECIPIENT FILE...
The password or token is in $BENCH_SECRET.
"""

import os
import smtplib
import ssl
import sys


def main():
    mechanism, port, ca_file, user, sender, recipient = sys.argv[1:7]
    secret = os.environ["BENCH_SECRET"]
    with smtplib.SMTP("localhost", int(port), local_hostname="bench.test") as server:
        server.starttls(context=ssl.create_default_context(cafile=ca_file))
        server.ehlo()
        if mechanism == "login":
            server.user, server.password = user, secret
            server.auth("LOGIN", server.auth_login, initial_response_ok=False)
        else:
            server.auth("XOAUTH2", lambda challenge=None:
                        "user=%s\x01auth=Bearer %s\x01\x01" % (user, secret),
                        initial_response_ok=False)
        for name in sys.argv[7:]:
            with open(name, "rb") as file:
                server.sendmail(sender, recipient, file.read())


main()
