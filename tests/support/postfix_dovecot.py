# SPDX-License-Identifier: MIT
"""A private Postfix whose SASL is a private Dovecot: the real submission server of the tests.

STARTTLS on a loopback port with a certificate of a throw-away CA; AUTH LOGIN against a list of
users, AUTH XOAUTH2 with a JWT that Dovecot validates itself. Mail for any local part of `domain`
lands in one Maildir, except for local parts that begin with "unknown" (550) or "later" (450).
Everything lives in one temporary folder; nothing of the system's own configuration is read or
changed, and stop() leaves no process and no file. Needs root (Postfix changes users).

    with PostfixDovecot(users={"alice@example.org": "secret"}) as server:
        server.host, server.port, server.ca_file, server.token("alice@example.org")

Standalone: postfix_dovecot.py [--user NAME:PASSWORD]... runs until it is interrupted.
"""

import argparse
import base64
import collections
import grp
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time

import pki
import processes

MAIN_CF = """\
compatibility_level = 3.6
config_directory = {root}/postfix
queue_directory = {queue}
data_directory = {root}/data
maillog_file = {root}/log/postfix.log
maillog_file_prefixes = {root}/log
mail_owner = postfix
setgid_group = postdrop
myhostname = postfix.test
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
biff = no
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtp_host_lookup = native
alias_maps =
alias_database =
local_recipient_maps =
local_header_rewrite_clients =
in_flow_delay = 0
message_size_limit = {size_limit}
mailbox_size_limit = 0
virtual_mailbox_limit = 0
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = regexp:{root}/postfix/mailboxes
virtual_uid_maps = static:{mail_uid}
virtual_gid_maps = static:{mail_gid}
virtual_transport = {transport}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_tls_loglevel = 1
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_security_options = noanonymous
smtpd_sasl_response_limit = 12288
smtpd_client_restrictions =
smtpd_helo_required = yes
smtpd_sender_restrictions =
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access regexp:{root}/postfix/recipients
smtpd_error_sleep_time = 0
smtpd_client_auth_rate_limit = 0
"""

# The columns: service type private unpriv chroot wakeup maxproc command.
MASTER_CF = """\
127.0.0.1:{port} inet n - n - - smtpd
{implicit}
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
showq unix n - n - - showq
anvil unix - - n - 1 anvil
"""
IMPLICIT = """\
127.0.0.1:{port} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
"""

# anvil's penalty would make each refusal of a test slower than the one before it.
DOVECOT_CONF = """\
base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/log/dovecot.log
instance_name = acsmtp-test
protocols =
auth_verbose = yes
ssl = no
auth_mechanisms = login xoauth2
auth_failure_delay = 0
disable_plaintext_auth = no
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {root}/dovecot/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = login
  args = {root}/dovecot/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={root}/mail
}}
service auth {{
  unix_listener {queue}/private/auth {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

OAUTH2_CONF = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={root}/keys/
username_attribute = {username_attribute}
"""

Message = collections.namedtuple("Message", "recipient sender received content")


class PostfixDovecot:
    """users: {name: password}, for LOGIN. public_keys: [(algorithm, kid, PEM text)] whose tokens
    Dovecot accepts besides those of token(). username_attribute: the claim that must equal the
    user name of XOAUTH2. delivery: "maildir", or "discard" for a benchmark. key_kind: of the
    server's certificate. root_parent: where the temporary folder goes (tmpfs for a benchmark)."""

    host = "localhost"

    def __init__(self, users, domain="example.org", public_keys=(), username_attribute="sub",
                 delivery="maildir", key_kind="RSA", implicit_tls=False, size_limit=64 << 20,
                 root_parent=None):
        self.users = dict(users)
        self.domain = domain
        self.public_keys = list(public_keys)
        self.username_attribute = username_attribute
        self.transport = {"maildir": "virtual", "discard": "discard:"}[delivery]
        self.key_kind = key_kind
        self.implicit_tls = implicit_tls
        self.size_limit = size_limit
        self.root_parent = root_parent
        self.root = None
        self.port = self.implicit_port = None
        self.postfix = self.dovecot = self.guard = None

    @staticmethod
    def missing():
        """Why it cannot run here; None when it can."""
        lacking = [name for name in ("postfix", "dovecot", "openssl")
                   if processes.find_program(name) is None]
        if lacking:
            return "not installed: " + ", ".join(lacking)
        if os.geteuid() != 0:
            return "Postfix can only be started by root"
        return None

    def __enter__(self):
        return self.start()

    def __exit__(self, *unused):
        self.stop()

    # ---- life ----

    def start(self):
        self.root = tempfile.mkdtemp(prefix="acsmtp-pd-", dir=self.root_parent)
        try:
            self._prepare()
            self._start_dovecot()
            self._start_postfix()
            self.guard = processes.Guard(self.root, (self.postfix, self.dovecot))
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self):
        if self.guard is not None:
            self.guard.cancel()
        for process in (self.postfix, self.dovecot):
            if process is not None:
                processes.stop_tree(process)
        self.postfix = self.dovecot = self.guard = None
        if self.root is not None:
            shutil.rmtree(self.root, ignore_errors=True)
            self.root = None

    def _path(self, *parts):
        return os.path.join(self.root, *parts)

    def _write(self, text, *parts):
        with open(self._path(*parts), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self._path(*parts), 0o644)

    def _prepare(self):
        os.chmod(self.root, 0o755)
        for name in ("postfix", "queue", "data", "dovecot", "run", "log", "mail", "keys"):
            os.mkdir(self._path(name), 0o755)
        postfix, nobody = pwd.getpwnam("postfix"), pwd.getpwnam("nobody")
        os.chown(self._path("data"), postfix.pw_uid, postfix.pw_gid)
        os.chown(self._path("mail"), nobody.pw_uid, grp.getgrnam("nogroup").gr_gid)
        # Dovecot makes its socket there before Postfix has started.
        os.mkdir(self._path("queue", "private"), 0o700)
        os.chown(self._path("queue", "private"), postfix.pw_uid, -1)
        authority = pki.Authority(self._path("ca"))
        self.ca_file = authority.ca_file
        self.cert, self.key = authority.issue(kind=self.key_kind)
        self.issuer = pki.TokenIssuer(self._path("tokens"))
        for key in [("RS256", self.issuer.kid, self.issuer.public_key)] + self.public_keys:
            self.trust_key(*key)

    def _start_dovecot(self):
        # Encoded, because a colon would end the password there.
        self._write("".join("%s:{PLAIN.b64}%s\n" % (name, base64.b64encode(word.encode()).decode())
                            for name, word in self.users.items()), "dovecot", "users")
        self._write(OAUTH2_CONF.format(root=self.root, username_attribute=self.username_attribute),
                    "dovecot", "oauth2.conf")
        self._write(DOVECOT_CONF.format(root=self.root, queue=self._path("queue")),
                    "dovecot", "dovecot.conf")
        self.dovecot = self._spawn("dovecot", "-F", "-c", self._path("dovecot", "dovecot.conf"))
        self._await(self.dovecot, "Dovecot", "dovecot.log",
                    lambda: os.path.exists(self._path("queue", "private", "auth")))

    def _start_postfix(self):
        self._write("if !/^(unknown|later)/\n/./ all/\nendif\n/^later/ all/\n",
                    "postfix", "mailboxes")
        self._write("/^later/ 450 4.2.1 The mailbox is busy, try again later\n",
                    "postfix", "recipients")
        self._write(MAIN_CF.format(
            root=self.root, queue=self._path("queue"), size_limit=self.size_limit,
            domain=self.domain, mail_uid=pwd.getpwnam("nobody").pw_uid,
            mail_gid=grp.getgrnam("nogroup").gr_gid, transport=self.transport, cert=self.cert,
            key=self.key), "postfix", "main.cf")
        self._choose_ports()
        # Makes the queue's folders. The master is then our own child, not a grandchild.
        check = self._spawn("postfix", "-c", self._path("postfix"), "check")
        if check.wait(60) != 0:
            raise RuntimeError("postfix check:\n" + self.log("postfix.log"))
        master = os.path.join(self._setting("daemon_directory"), "master")
        # Somebody may take a free port between the look and the bind: try others.
        for attempt in range(3):
            self.postfix = self._spawn(master, "-c", self._path("postfix"), "-s")
            try:
                self._await(self.postfix, "Postfix", "postfix.log", self._answers)
                return
            except RuntimeError:
                processes.stop_tree(self.postfix)
                self.postfix = None
                if attempt == 2:
                    raise
                self._choose_ports()

    def _setting(self, name):
        return subprocess.run((processes.find_program("postconf"), "-c", self._path("postfix"),
                               "-h", name), stdout=subprocess.PIPE, check=True,
                              encoding="utf-8").stdout.strip()

    def _choose_ports(self):
        self.port = processes.free_port()
        implicit = ""
        if self.implicit_tls:
            self.implicit_port = processes.free_port()
            implicit = IMPLICIT.format(port=self.implicit_port).rstrip("\n")
        self._write(MASTER_CF.format(port=self.port, implicit=implicit).replace("\n\n", "\n"),
                    "postfix", "master.cf")

    def _spawn(self, name, *arguments):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        log = "dovecot.out" if name == "dovecot" else "postfix.out"
        with open(self._path("log", log), "ab") as output:
            return subprocess.Popen((processes.find_program(name),) + arguments,
                                    stdin=subprocess.DEVNULL, stdout=output,
                                    stderr=subprocess.STDOUT, cwd="/", env=environment,
                                    start_new_session=True)

    def _await(self, process, name, log, ready):
        end = time.monotonic() + 20
        while not ready():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("%s did not start:\n%s" % (name, self.log(log)))
            time.sleep(0.02)

    def _answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                if not connection.recv(512).startswith(b"220 "):
                    return False
                connection.sendall(b"QUIT\r\n")
                return connection.recv(512).startswith(b"221 ")
        except OSError:
            return False

    # ---- what a test asks ----

    def log(self, *names):
        """The servers' logs, for the message of a failed test."""
        text = []
        for name in names or ("postfix.log", "dovecot.log"):
            for path in (self._path("log", name), self._path("log", name[:-4] + ".out")):
                if os.path.exists(path):
                    with open(path, encoding="utf-8", errors="replace") as file:
                        text.append(file.read())
        return "".join(text)

    def trust_key(self, algorithm, kid, public_key, azp="default"):
        """Let Dovecot accept JWTs of this key; azp is the claim of that name, if tokens have it."""
        folder = self._path("keys", azp, algorithm)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, kid), "w", encoding="ascii") as file:
            file.write(public_key)

    def token(self, user, lifetime=3600, **claims):
        """An access token (RS256) for that user name."""
        # Dovecot wants a "sub" whichever claim names the user.
        body = {"iss": "https://issuer.test/", "aud": "https://communication.azure.com",
                "sub": user, self.username_attribute: user}
        body.update(claims)
        return self.issuer.token(body, lifetime)

    def messages(self, count=None, seconds=20):
        """The mails that have landed, oldest first; with count, wait until there are that many."""
        folder = self._path("mail", "all", "new")

        def names():
            return sorted(os.listdir(folder)) if os.path.isdir(folder) else []

        if count is not None:
            processes.wait_for(lambda: len(names()) >= count, seconds,
                               "%d mails in the Maildir" % count)
        return [read_message(os.path.join(folder, name)) for name in names()]

    def forget(self):
        """Empty the Maildir."""
        shutil.rmtree(self._path("mail", "all"), ignore_errors=True)


def read_message(path):
    """What Postfix delivered, taken apart: above `received` stands what delivery has written, below
    it, in `content`, what the client sent, lines ending in CRLF as on the wire."""
    with open(path, "rb") as file:
        text = file.read()
    fields = re.match(rb"((?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*?)*?)"
                      rb"(Received:[^\n]*\n(?:[ \t][^\n]*\n)*)", text)
    if fields is None:
        raise ValueError("no Received field of Postfix in " + path)

    def value(name):
        found = re.search(rb"^%s: *<?([^>\n]*)" % name, fields.group(1), re.MULTILINE)
        return found.group(1).decode() if found else ""

    return Message(value(b"Delivered-To"), value(b"Return-Path"), fields.group(2).decode(),
                   text[fields.end():].replace(b"\n", b"\r\n"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--user", action="append", metavar="NAME:PASSWORD", default=[])
    parser.add_argument("--domain", default="example.org")
    options = parser.parse_args()
    users = dict(u.split(":", 1) for u in options.user) or {"alice@example.org": "wonder-land"}
    with PostfixDovecot(users, domain=options.domain) as server:
        print("host %s\nport %d\nca_file %s\nfolder %s" %
              (server.host, server.port, server.ca_file, server.root))
        for user, password in users.items():
            print("user %s password %s\ntoken %s" % (user, password, server.token(user)))
        try:
            while server.postfix.poll() is None:
                time.sleep(0.5)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
