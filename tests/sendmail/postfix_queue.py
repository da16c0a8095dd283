# SPDX-License-Identifier: MIT
"""A private Postfix that queues what it gets on a loopback port and delivers with acsmtp, as
examples/postfix says; returned mail for `DOMAIN` lands in a Maildir. Needs root."""

import grp
import os
import pathlib
import pwd
import re
import shutil
import smtplib
import subprocess
import tempfile

import processes

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples" / "postfix"
DOMAIN = "postfix.test"

MAIN_CF = """\
compatibility_level = 3.6
config_directory = {root}/etc
queue_directory = {root}/queue
data_directory = {root}/data
maillog_file = {root}/log/postfix.log
maillog_file_prefixes = {root}/log
mail_owner = postfix
setgid_group = postdrop
myhostname = {domain}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
biff = no
disable_dns_lookups = yes
smtpd_peername_lookup = no
alias_maps =
alias_database =
local_recipient_maps =
in_flow_delay = 0
smtpd_relay_restrictions = permit_mynetworks, reject
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
"""

MASTER_CF = """\
127.0.0.1:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 2 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
showq unix n - n - - showq
anvil unix - - n - 1 anvil
"""


class PostfixQueue:
    """program, config: acsmtp and its config, which `user` must be able to read."""

    def __init__(self, program, config, user="nobody"):
        self.program, self.config, self.user = program, config, user
        self.root = self.process = self.guard = None
        self.port = None
        self.log_before = 0

    def start(self):
        self.root = tempfile.mkdtemp(prefix="acsmtp-postfix-")
        os.chmod(self.root, 0o755)
        for name in ("etc", "queue", "data", "log", "mail"):
            os.mkdir(self._path(name), 0o755)
        nobody = pwd.getpwnam("nobody")
        os.chown(self._path("data"), pwd.getpwnam("postfix").pw_uid, -1)
        os.chown(self._path("mail"), nobody.pw_uid, grp.getgrnam("nogroup").gr_gid)
        self._write(MAIN_CF.format(root=self.root, domain=DOMAIN, uid=nobody.pw_uid,
                                   gid=grp.getgrnam("nogroup").gr_gid) +
                    (EXAMPLES / "main.cf").read_text(), "etc", "main.cf")
        self._choose_port()
        subprocess.run([processes.find_program("postfix"), "-c", self._path("etc"), "check"],
                       check=True, timeout=60, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        master = os.path.join(self._run("postconf", "-h", "daemon_directory").strip(), "master")
        # Somebody may take a free port between the look and the bind: try others.
        for _ in range(3):
            self.process = self._spawn(master)
            if processes.wait_for(self._state, 60, "Postfix") == "open":
                break
            processes.stop_tree(self.process)
            self._choose_port()
        self.guard = processes.Guard(self.root, (self.process,))
        return self

    def _choose_port(self):
        self.port = processes.free_port()
        self._write(MASTER_CF.format(port=self.port) + self._agent(), "etc", "master.cf")

    def _spawn(self, master):
        with open(self._path("log", "output"), "wb") as output:
            return subprocess.Popen([master, "-c", self._path("etc"), "-s"], cwd="/",
                                    stdin=subprocess.DEVNULL, stdout=output,
                                    stderr=subprocess.STDOUT, start_new_session=True)

    def _state(self):
        if self.process.poll() is not None:
            return "ended"
        started = "daemon started" in self.log() and processes.is_open(self.port)
        return "open" if started else None

    def stop(self):
        if self.guard is not None:
            self.guard.cancel()
        if self.process is not None:
            processes.stop_tree(self.process)
        shutil.rmtree(self.root, ignore_errors=True)

    def _agent(self):
        """The example, with what a machine has its own names for."""
        text = (EXAMPLES / "master.cf").read_text()
        for old, new in (("user=acsmtp ", "user=%s " % self.user),
                         ("HOME=/var/lib/acsmtp", "HOME=/nonexistent ACSMTP_CONFIG=" + self.config),
                         (" /usr/bin/acsmtp ", " %s " % self.program)):
            if text.count(old) != 1:
                raise AssertionError("examples/postfix/master.cf has no single %r" % old)
            text = text.replace(old, new)
        return text

    def _path(self, *parts):
        return os.path.join(self.root, *parts)

    def _write(self, text, *parts):
        with open(self._path(*parts), "w", encoding="utf-8") as file:
            file.write(text)

    def _run(self, name, *arguments):
        return subprocess.run([processes.find_program(name), "-c", self._path("etc"), *arguments],
                              check=True, timeout=60, capture_output=True, text=True).stdout

    # ---- what a test asks ----

    def submit(self, sender, recipients, message):
        with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as client:
            client.sendmail(sender, recipients, message)

    def queue(self):
        """[(address, reason)] of what waits."""
        found = []
        for line in self._run("postqueue", "-j").splitlines():
            found += re.findall(r'"address": "([^"]*)"(?:, "delay_reason": "((?:\\.|[^"\\])*)")?',
                                line)
        return found

    def flush(self):
        self._run("postqueue", "-f")

    def returned(self):
        """The texts of the mails in the Maildir."""
        folder = pathlib.Path(self._path("mail", "all", "new"))
        return [path.read_text(errors="replace") for path in folder.glob("*")]

    def forget(self):
        """Begin anew: an empty queue, no returned mail, an empty log."""
        self._run("postsuper", "-d", "ALL")
        shutil.rmtree(self._path("mail", "all"), ignore_errors=True)
        self.log_before += len(self.log())

    def log(self):
        path = pathlib.Path(self._path("log", "postfix.log"))
        return path.read_text(errors="replace")[self.log_before:] if path.exists() else ""
