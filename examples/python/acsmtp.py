# SPDX-License-Identifier: MIT
"""Tokens from acsmtp's chains of identities, in Python: <acsmtp/driver.h> through ctypes.

    import acsmtp

    with acsmtp.Driver() as driver:
        token = driver.token("https://vault.azure.net/.default", timeout=20)
        print(token.expires_on)

One Driver serves any number of threads: the interpreter's lock is released while the library works.
A Driver is also what the Azure SDKs call a TokenCredential. README.md has the rest.
"""

import collections
import ctypes
import os
import threading

__all__ = ["AccessToken", "Attempt", "Cancellation", "Cancelled", "ConfigError", "Denied", "Driver",
           "Error", "ProtocolError", "Rejected", "SystemFailure", "Temporary", "Token",
           "Unavailable", "version"]

CONFIG_ONLY, NO_CACHE, DEFAULT_CHAIN = 1, 2, 4  # enum acsmtp_driver_flag
REQUEST_REFRESH = 1
KIND_TOKEN = 2
STATUS_DENIED = 2


# ---- errors ----

class Error(Exception):
    """What went wrong. str(error) reads from the outside in and holds no secret.

    status       the class of the failure, the name of enum acsmtp_status ("denied")
    code         stable and machine-readable: "AADSTS7000215", "5.7.3"; "" if there is none
    server_code  HTTP status or SMTP reply that was received, 0 if there was none
    server_text  the other side's own words
    retry_after  seconds the other side asked to wait, None if it did not
    hint         likely cause and way out, None when nothing useful is known
    attempts     what each member of the chain said, a list of Attempt
    """

    status = "unknown"

    def __init__(self, message, raw=None, hint=None, attempts=()):
        super().__init__(message)
        self.code = _text(raw.code) if raw else ""
        self.server_code = raw.server_code if raw else 0
        self.server_text = _text(raw.server_text) if raw else ""
        self.retry_after = raw.retry_after if raw and raw.retry_after >= 0 else None
        self.hint = hint
        self.attempts = list(attempts)


class Unavailable(Error):
    """No source of credentials applies on this machine."""
    status = "unavailable"


class Denied(Error):
    """An identity was presented and refused."""
    status = "denied"


class ConfigError(Error):
    """A setting is missing or wrong."""
    status = "config"


class Temporary(Error):
    """It may work later: throttled, unreachable, or the time was up."""
    status = "temporary"


class Rejected(Error):
    """What was asked for is refused for good."""
    status = "rejected"


class ProtocolError(Error):
    """The other side said something that cannot be understood or trusted."""
    status = "protocol"


class Cancelled(Error):
    """Somebody called Cancellation.cancel()."""
    status = "cancelled"


class SystemFailure(Error):
    """Memory, files, the operating system or a plugin failed."""
    status = "system"


# By the values of enum acsmtp_status, which never change.
_CLASSES = {1: Unavailable, 2: Denied, 3: ConfigError, 4: Temporary, 5: Rejected, 6: ProtocolError,
            7: Cancelled, 8: SystemFailure}

Attempt = collections.namedtuple("Attempt", "plugin status message hint elapsed_ms")
AccessToken = collections.namedtuple("AccessToken", "token expires_on")  # as azure.core has it


# ---- the header ----

class _Sized(ctypes.Structure):
    """Structures begin with their size, so that library and caller may be of different age."""

    def __init__(self, **fields):
        super().__init__(size=ctypes.sizeof(type(self)), **fields)


class _Error(_Sized):
    _fields_ = [("size", ctypes.c_uint32), ("status", ctypes.c_int32),
                ("server_code", ctypes.c_int32), ("retry_after", ctypes.c_int32),
                ("code", ctypes.c_char * 64), ("server_text", ctypes.c_char * 1024),
                ("message", ctypes.c_char * 1024)]


class _Options(_Sized):
    _fields_ = [("size", ctypes.c_uint32), ("flags", ctypes.c_uint32),
                ("config_file", ctypes.c_char_p), ("profile", ctypes.c_char_p),
                ("cloud", ctypes.c_char_p), ("set", ctypes.POINTER(ctypes.c_char_p)),
                ("set_count", ctypes.c_size_t)]


class _Request(_Sized):
    _fields_ = [("size", ctypes.c_uint32), ("flags", ctypes.c_uint32), ("scope", ctypes.c_char_p),
                ("tenant", ctypes.c_char_p), ("claims", ctypes.c_char_p),
                ("username", ctypes.c_char_p), ("min_validity", ctypes.c_int64)]


class _Verdict(_Sized):
    _fields_ = [("size", ctypes.c_uint32), ("status", ctypes.c_int32),
                ("server_code", ctypes.c_int32), ("text", ctypes.c_char_p),
                ("credential", ctypes.c_void_p)]


class _Attempt(_Sized):
    _fields_ = [("size", ctypes.c_uint32), ("status", ctypes.c_int32), ("plugin", ctypes.c_char_p),
                ("message", ctypes.c_char_p), ("hint", ctypes.c_char_p),
                ("elapsed_ms", ctypes.c_int64)]


_Sink = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p)
_POINTER, _TEXT, _INT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
_ERROR = ctypes.POINTER(_Error)
_FUNCTIONS = {
    "acsmtp_version": (_TEXT,),
    "acsmtp_status_name": (_TEXT, _INT),
    "acsmtp_hint": (_TEXT, _ERROR),
    "acsmtp_driver_open": (_INT, ctypes.POINTER(_Options), ctypes.POINTER(_POINTER), _ERROR),
    "acsmtp_driver_close": (None, _POINTER),
    "acsmtp_driver_prepare": (_INT, _POINTER, _POINTER, _ERROR),
    "acsmtp_driver_profile_name": (_TEXT, _POINTER),
    "acsmtp_driver_credential": (_INT, _POINTER, _POINTER, ctypes.POINTER(_Request), _POINTER,
                                 _POINTER, _ERROR),
    "acsmtp_driver_report": (None, _POINTER, _POINTER, ctypes.POINTER(_Verdict)),
    "acsmtp_context_new": (_INT, ctypes.POINTER(_POINTER), _ERROR),
    "acsmtp_context_free": (None, _POINTER),
    "acsmtp_context_set_timeout": (None, _POINTER, ctypes.c_int64),
    "acsmtp_context_set_log": (None, _POINTER, _Sink, _POINTER, _INT),
    "acsmtp_context_cancel": (None, _POINTER),
    "acsmtp_credential_new": (_POINTER, _ERROR),
    "acsmtp_credential_free": (None, _POINTER),
    "acsmtp_credential_kind": (_INT, _POINTER),
    "acsmtp_credential_secret": (_POINTER, _POINTER),
    "acsmtp_credential_expires_on": (ctypes.c_int64, _POINTER),
    "acsmtp_credential_refresh_on": (ctypes.c_int64, _POINTER),
    "acsmtp_credential_set_token": (_INT, _POINTER, _POINTER, ctypes.c_int64, ctypes.c_int64,
                                    _ERROR),
    "acsmtp_secret_new": (_POINTER, _TEXT, ctypes.c_size_t, _ERROR),
    "acsmtp_secret_data": (_TEXT, _POINTER),
    "acsmtp_report_new": (_POINTER, _ERROR),
    "acsmtp_report_free": (None, _POINTER),
    "acsmtp_report_length": (ctypes.c_size_t, _POINTER),
    "acsmtp_report_attempt": (ctypes.POINTER(_Attempt), _POINTER, ctypes.c_size_t),
}


def _load():
    library = ctypes.CDLL(os.environ.get("ACSMTP_LIBRARY", "libacsmtp.so.0"))
    for name, (result, *arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


_lib = _load()


def version():
    """Of the library: "1.0.0"."""
    return _text(_lib.acsmtp_version())


def _text(raw):
    return raw.decode("utf-8", "replace") if raw else ""


def _bytes(text, what):
    """A C string; a NUL would cut it short without a word."""
    if text is None:
        return None
    raw = os.fsencode(text)
    if b"\0" in raw:
        raise ValueError(f"{what} holds a NUL")
    return raw


def _fresh_error():
    return _Error(retry_after=-1)


def _check(status, error, attempts=()):
    if status != 0:
        hint = _lib.acsmtp_hint(ctypes.byref(error))
        raise _CLASSES.get(status, Error)(_text(error.message), error,
                                          _text(hint) if hint else None, attempts)


# ---- what the program handles ----

class Token:
    """An access token. `value` is the secret; repr() and str() do not show it.

    expires_on and refresh_on are Unix seconds, 0 when the source does not tell.
    """

    def __init__(self, handle):
        self._handle = handle  # kept, so that a refusal can name this very token
        self.value = _text(_lib.acsmtp_secret_data(_lib.acsmtp_credential_secret(handle)))
        self.expires_on = _lib.acsmtp_credential_expires_on(handle)
        self.refresh_on = _lib.acsmtp_credential_refresh_on(handle)

    def __del__(self):
        if getattr(self, "_handle", None):
            _lib.acsmtp_credential_free(self._handle)

    def __repr__(self):
        return f"<acsmtp.Token, expires_on={self.expires_on}>"


class Cancellation:
    """Give it to token() and call cancel() in another thread; it cannot be undone."""

    def __init__(self):
        self._lock = threading.Lock()
        self._contexts = set()
        self.is_cancelled = False

    def cancel(self):
        with self._lock:
            self.is_cancelled = True
            for context in self._contexts:
                _lib.acsmtp_context_cancel(context)

    def _enter(self, context):
        with self._lock:
            self._contexts.add(context)
            if self.is_cancelled:
                _lib.acsmtp_context_cancel(context)

    def _leave(self, context):
        with self._lock:
            self._contexts.discard(context)


class Driver:
    """A config, its plugins and what they gave so far. Close it, or use it with `with`.

    profile        of the config, None: its default one
    config_file    the last layer of the config
    config_only    read config_file alone, neither the system's nor the user's
    cloud          "public", "usgov", "china" or the file of a description
    settings       {"credentials.0.plugin": "imds"}: what the profile shall say instead
    default_chain  a profile without credentials, or no config at all, means the chain "default"
    cache          use the token cache that all processes of the user share
    log            called with (level, line) for lines up to log_level (0 errors ... 4 dialogue)
    """

    def __init__(self, profile=None, *, config_file=None, config_only=False, cloud=None,
                 settings=None, default_chain=True, cache=True, log=None, log_level=2):
        self._handle = None
        sets = [_bytes(f"{key}={value}", "a setting") for key, value in (settings or {}).items()]
        options = _Options(
            flags=(CONFIG_ONLY if config_only else 0) | (0 if cache else NO_CACHE) |
                  (DEFAULT_CHAIN if default_chain else 0),
            config_file=_bytes(config_file, "config_file"), profile=_bytes(profile, "profile"),
            cloud=_bytes(cloud, "cloud"), set=(ctypes.c_char_p * len(sets))(*sets),
            set_count=len(sets))
        handle, error = ctypes.c_void_p(), _fresh_error()
        _check(_lib.acsmtp_driver_open(ctypes.byref(options), ctypes.byref(handle),
                                       ctypes.byref(error)), error)
        self._handle = handle
        self._idle = threading.Condition()
        self._calls = 0
        self._log_level = log_level
        self._sink = _Sink(lambda _, level, line: log(level, _text(line))) if log else None

    # life

    def close(self):
        """Wait for the calls of other threads, then give everything back. May be called twice."""
        with self._idle:
            handle, self._handle = self._handle, None
            self._idle.wait_for(lambda: self._calls == 0)
        _lib.acsmtp_driver_close(handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if getattr(self, "_handle", None):
            self.close()

    @property
    def profile(self):
        """The name of the profile that was chosen."""
        with _Call(self) as call:
            return _text(_lib.acsmtp_driver_profile_name(call.driver))

    # work

    def token(self, scope=None, *, tenant=None, claims=None, timeout=60, min_validity=0,
              refresh=False, instead_of=None, cancel=None):
        """A Token for one scope, None: the profile's, else the one of ACS SMTP.

        timeout       seconds, None: no limit
        min_validity  seconds that the token should still live
        refresh       do not answer from any cache
        instead_of    the Token that a server refused; one that another thread brought since will do
        claims        a claims challenge to pass on, JSON
        cancel        a Cancellation
        """
        request = _Request(flags=REQUEST_REFRESH if refresh or instead_of else 0,
                           scope=_bytes(scope, "scope"), tenant=_bytes(tenant, "tenant"),
                           claims=_bytes(claims, "claims"), min_validity=int(min_validity))
        with _Call(self, timeout, cancel) as call:
            return call.token(request, instead_of)

    def refused(self, token, code=401, text=None):
        """A server did not take it. Then: driver.token(scope, instead_of=token)."""
        verdict = _Verdict(status=STATUS_DENIED, server_code=code, text=_bytes(text, "text"),
                           credential=token._handle)  # pylint: disable=protected-access
        with _Call(self) as call:
            _lib.acsmtp_driver_report(call.driver, call.context, ctypes.byref(verdict))

    def get_token(self, *scopes, claims=None, tenant_id=None, **_):
        """As azure.core.credentials.TokenCredential has it: clients of the SDKs take a Driver."""
        if len(scopes) != 1:
            raise ValueError("one scope at a time")
        token = self.token(scopes[0], claims=claims, tenant=tenant_id)
        return AccessToken(token.value, token.expires_on)


class _Call:
    """One call into a driver, with a context of its own; the driver stays open meanwhile."""

    def __init__(self, driver, timeout=60, cancel=None):
        self._owner, self._timeout, self._cancel = driver, timeout, cancel
        self.context = ctypes.c_void_p()
        self.driver = None

    def __enter__(self):
        owner = self._owner
        with owner._idle:
            if owner._handle is None:
                raise ValueError("the driver is closed")
            owner._calls += 1
            self.driver = owner._handle
        try:
            self._prepare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _prepare(self):
        error = _fresh_error()
        _check(_lib.acsmtp_context_new(ctypes.byref(self.context), ctypes.byref(error)), error)
        _check(_lib.acsmtp_driver_prepare(self.driver, self.context, ctypes.byref(error)), error)
        if self._timeout is not None:
            _lib.acsmtp_context_set_timeout(self.context, int(self._timeout * 1000))
        if self._owner._sink:
            _lib.acsmtp_context_set_log(self.context, self._owner._sink, None,
                                        self._owner._log_level)
        if self._cancel:
            self._cancel._enter(self.context.value)

    def __exit__(self, *_):
        if self._cancel:
            self._cancel._leave(self.context.value)
        _lib.acsmtp_context_free(self.context)
        with self._owner._idle:
            self._owner._calls -= 1
            self._owner._idle.notify_all()

    def token(self, request, instead_of):
        error = _fresh_error()
        report = _lib.acsmtp_report_new(ctypes.byref(error))
        credential = _lib.acsmtp_credential_new(ctypes.byref(error))
        try:
            if not report or not credential:
                _check(error.status, error)
            if instead_of is not None:
                _check(_copy(instead_of, credential, error), error)
            status = _lib.acsmtp_driver_credential(self.driver, self.context,
                                                   ctypes.byref(request), credential, report,
                                                   ctypes.byref(error))
            _check(status, error, _attempts(report))
            if _lib.acsmtp_credential_kind(credential) != KIND_TOKEN:
                raise ConfigError("the chain gave a password, not a token")
            token, credential = Token(credential), None
            return token
        finally:
            _lib.acsmtp_credential_free(credential)
            _lib.acsmtp_report_free(report)


def _copy(token, credential, error):
    """The refused token stands in the credential that asks for another one."""
    raw = token.value.encode()
    secret = _lib.acsmtp_secret_new(raw, len(raw), ctypes.byref(error))
    if not secret:
        return error.status
    return _lib.acsmtp_credential_set_token(credential, secret, token.expires_on, token.refresh_on,
                                            ctypes.byref(error))


def _attempts(report):
    for index in range(_lib.acsmtp_report_length(report)):
        raw = _lib.acsmtp_report_attempt(report, index).contents
        yield Attempt(_text(raw.plugin), _text(_lib.acsmtp_status_name(raw.status)),
                      _text(raw.message), _text(raw.hint) or None, raw.elapsed_ms)
