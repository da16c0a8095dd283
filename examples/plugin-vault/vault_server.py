# SPDX-License-Identifier: MIT
"""A stand-in for HashiCorp Vault: the part of its HTTP API that the plugin uses, with its documented
answers. It refuses what Vault refuses. Sources: developer.hashicorp.com/vault/api-docs (error response,
status codes; secret/kv/kv-v1 and kv-v2; auth/approle, jwt, token) and, for the words of refusals, the
source of OpenBao (builtin/credential/approle, builtin/credential/jwt, builtin/logical/kv).

test_vault.py lets hvac, the client of others, speak to it as well."""

import base64
import hashlib
import hmac
import http.server
import json
import threading
import time
import urllib.parse
import uuid

DEFAULT_LEASE = 2764800  # of a mount, 768 h
WRONG_VERSION = ("Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate "
                 "API endpoints to use. If using the Vault CLI, use 'vault kv get' for this operation.")


class Refusal(Exception):
    def __init__(self, status, *errors, **body):
        super().__init__(status, errors)
        self.status = status
        self.body = body or {"errors": list(errors)}


class Token:
    def __init__(self, ttl, max_ttl, renewable, namespace):
        self.id = "hvs." + base64.urlsafe_b64encode(uuid.uuid4().bytes * 4).decode().rstrip("=")
        self.ttl, self.renewable, self.namespace = ttl, renewable, namespace
        self.made = time.monotonic()
        self.last = self.made + max_ttl if max_ttl else None
        self.end = self.made + ttl if ttl else None

    def renew(self):
        if not self.renewable:
            raise Refusal(400, "lease is not renewable")
        self.end = time.monotonic() + self.ttl
        if self.last:
            self.end = min(self.end, self.last)

    def left(self):
        return max(0, round(self.end - time.monotonic())) if self.end else 0


class Vault(http.server.ThreadingHTTPServer):
    """mounts: engine -> version; secrets: (namespace, mount, path) -> a list of versions (KV v2) or the
    data (KV v1); roles: (namespace, "approle" or "jwt", mount, role) -> a dictionary. log: (method, path)."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.mounts = {"secret": 2, "kv1": 1}
        self.auth_mounts = {"approle": "approle", "jwt": "jwt"}
        self.secrets, self.roles, self.tokens, self.log = {}, {}, {}, []
        self.sealed = self.standby = False
        self.jwts = set()
        self.next_answers = []  # (status, fields, body) that come before all else
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def stop(self):
        self.shutdown()
        self.server_close()

    # what a test does in the place of an operator

    def put(self, path, data, mount="secret", namespace="", deletion_time=""):
        if self.mounts[mount] == 1:
            self.secrets[namespace, mount, path] = data
        else:
            self.secrets.setdefault((namespace, mount, path), []).append(
                {"data": data, "deletion_time": deletion_time, "destroyed": False})

    def token(self, ttl=3600, max_ttl=0, renewable=True, namespace=""):
        made = Token(ttl, max_ttl, renewable, namespace)
        self.tokens[made.id] = made
        return made

    def accepts(self, *tokens):
        """These client tokens, and these words in the place of a JWT, and no others."""
        self.tokens = {given: Token(3600, 0, True, "") for given in tokens}
        self.jwts = set(tokens)

    def revoke_all(self):
        self.tokens.clear()

    # the API

    def answer(self, method, target, fields, body):
        path, _, query = target.partition("?")
        namespace = fields.get("X-Vault-Namespace", "").strip("/")
        if fields.get("X-Vault-Request") != "true":
            raise Refusal(412, "missing 'X-Vault-Request' header")
        if not path.startswith("/v1/"):
            raise Refusal(404)
        if self.sealed:
            raise Refusal(503, "Vault is sealed")
        path = urllib.parse.unquote(path[len("/v1/"):])
        if any(not part or part.endswith(".") for part in path.split("/")):
            raise Refusal(404, "unsupported path")
        login = path.startswith("auth/") and path.endswith("/login")
        if login:
            return self.log_in(method, namespace, path[len("auth/"):-len("/login")], body)
        token = self.opened_by(fields, namespace)
        if path == "auth/token/renew-self":
            self.only(method, "POST", "PUT")
            token.renew()
            return self.auth(token)
        if path == "auth/token/lookup-self":
            self.only(method, "GET")
            return self.reply(data={"id": token.id, "ttl": token.left(), "renewable": token.renewable})
        self.only(method, "GET")
        return self.read(namespace, path, urllib.parse.parse_qs(query, strict_parsing=bool(query)))

    @staticmethod
    def only(method, *allowed):
        if method not in allowed:
            raise Refusal(405, "1 error occurred:\n\t* unsupported operation\n\n")

    def opened_by(self, fields, namespace):
        given = fields.get("X-Vault-Token")
        bearer = fields.get("Authorization", "")
        if given is None and bearer.startswith("Bearer "):
            given = bearer[len("Bearer "):]
        token = self.tokens.get(given)
        if not token or token.namespace != namespace:
            raise Refusal(403, "permission denied")
        if token.end and time.monotonic() >= token.end:
            raise Refusal(403, "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n")
        return token

    @staticmethod
    def reply(lease=0, **parts):
        return {"request_id": str(uuid.uuid4()), "lease_id": "", "renewable": False,
                "lease_duration": lease, "data": None, "wrap_info": None, "warnings": None,
                "auth": None, **parts}

    def auth(self, token):
        return self.reply(auth={
            "client_token": token.id, "accessor": str(uuid.uuid4()), "policies": ["default", "mail"],
            "token_policies": ["default", "mail"], "metadata": {}, "lease_duration": token.left(),
            "renewable": token.renewable, "entity_id": str(uuid.uuid4()), "token_type": "service",
            "orphan": True, "mfa_requirement": None, "num_uses": 0})

    def log_in(self, method, namespace, mount, body):
        kind = self.auth_mounts.get(mount)
        if not kind:
            raise Refusal(403, "permission denied")
        self.only(method, "POST", "PUT")
        try:
            given = json.loads(body, object_pairs_hook=no_twice)
        except ValueError:
            raise Refusal(400, "failed to parse JSON input: invalid character") from None
        check = self.check_approle if kind == "approle" else self.check_jwt
        role = check(namespace, mount, given)
        return self.auth(self.token(role.get("ttl", 3600), role.get("max_ttl", 0),
                                    role.get("renewable", True), namespace))

    def check_approle(self, namespace, mount, given):
        if not given.get("role_id"):
            raise Refusal(400, "missing role_id")
        role = self.roles.get((namespace, "approle", mount, given["role_id"]))
        if not role:
            raise Refusal(400, "invalid role or secret ID")
        if role.get("secret_ids") is None:  # bind_secret_id=false
            return role
        if not given.get("secret_id"):
            raise Refusal(400, "missing secret_id")
        if given["secret_id"] not in role["secret_ids"]:
            if role.get("repeats"):  # as Vault does for one whose uses are counted
                raise Refusal(400, f"invalid secret_id \"{given['secret_id']}\"")
            raise Refusal(400, "invalid role or secret ID")
        uses = role["secret_ids"][given["secret_id"]]
        if uses == 1:
            del role["secret_ids"][given["secret_id"]]
        elif uses:
            role["secret_ids"][given["secret_id"]] = uses - 1
        return role

    def check_jwt(self, namespace, mount, given):
        name = given.get("role", "").lower() or self.roles.get((namespace, "jwt", mount, None), "")
        if not name:
            raise Refusal(400, "missing role")
        role = self.roles.get((namespace, "jwt", mount, name))
        if not role:
            raise Refusal(400, f"role \"{name}\" could not be found")
        if not given.get("jwt"):
            raise Refusal(400, "missing token")
        if given["jwt"] in self.jwts:
            return role
        claims = verified(given["jwt"], role["key"])
        if claims.get("exp", 0) <= time.time():
            raise Refusal(400, "error validating token: invalid expiration time (exp) claim: token is "
                               "expired")
        if claims.get("aud") not in role["bound_audiences"]:
            raise Refusal(400, "error validating token: invalid audience (aud) claim: audience claim "
                               "does not match any expected audience")
        return role

    def read(self, namespace, path, query):
        mount, _, rest = path.partition("/")
        if mount not in self.mounts or not rest:
            raise Refusal(403, "permission denied")
        if self.mounts[mount] == 1:
            data = self.secrets.get((namespace, mount, rest))
            if data is None:
                raise Refusal(404)
            return self.reply(lease=seconds(data.get("ttl", DEFAULT_LEASE)), data=data)
        if not rest.startswith("data/"):
            raise Refusal(404, **self.reply(warnings=[WRONG_VERSION]))
        versions = self.secrets.get((namespace, mount, rest[len("data/"):]), [])
        number = int(query.get("version", [0])[0]) or len(versions)
        if not 0 < number <= len(versions):
            raise Refusal(404)
        version = versions[number - 1]
        metadata = {"created_time": "2026-01-02T03:04:05.123456789Z", "custom_metadata": None,
                    "deletion_time": version["deletion_time"], "destroyed": version["destroyed"],
                    "version": number}
        if version["destroyed"] or "" < version["deletion_time"] < rfc3339(time.time()):
            raise Refusal(404, **self.reply(data={"data": None, "metadata": metadata}))
        return self.reply(data={"data": version["data"], "metadata": metadata})


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.server.lock:
            self.server.log.append((self.command, self.path))
            if self.server.next_answers:
                self.send(*self.server.next_answers.pop(0))
            elif self.server.standby:
                self.send(307, {"Location": "https://active.example.com" + self.path}, b"")
            else:
                self.serve(body)

    def serve(self, body):
        try:
            answer, status = self.server.answer(self.command, self.path, self.headers, body), 200
        except Refusal as refusal:
            answer, status = refusal.body, refusal.status
        self.send(status, {"Content-Type": "application/json", "Cache-Control": "no-store"},
                  json.dumps(answer).encode() + b"\n")

    def send(self, status, fields, body):
        self.send_response(status)
        for name, value in {**fields, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def log_message(self, *_):
        pass


def no_twice(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a member stands twice")
    return dict(pairs)


def seconds(ttl):
    return ttl if isinstance(ttl, int) else int(ttl[:-1]) * {"s": 1, "m": 60, "h": 3600}[ttl[-1]]


def rfc3339(when):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(when)) + ".123456789Z"


def jwt(key, **claims):
    """A token that is signed with HMAC-SHA256 (RFC 7515): the key is shared with the role."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = hmac.new(key, text, hashlib.sha256).digest()
    return (text + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def verified(token, key):
    head, _, signature = token.rpartition(".")
    right = base64.urlsafe_b64encode(hmac.new(key, head.encode(), hashlib.sha256).digest()).rstrip(b"=")
    if not hmac.compare_digest(signature.encode(), right):
        raise Refusal(400, "error validating token: failed to verify id token signature")
    claims = head.partition(".")[2]
    return json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
