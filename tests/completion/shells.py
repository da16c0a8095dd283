# SPDX-License-Identifier: MIT
"""Interactive shells on a terminal of their own, in a private folder, with acsmtp's completion as it is
installed. `complete` types a line, presses TAB and tells what became of it."""

import os
import pty
import re
import select
import shutil
import signal
import tempfile
import time

WAIT = 60  # seconds, for a machine that is busy

# Ctrl-G prints the line that is being edited between these.
_OPEN, _CLOSE = "\x02", "\x03"

_RC = {
    "bash": r"""
PS1='ready> '
bind 'set bell-style none'
bind 'set completion-query-items -1'
bind 'set page-completions off'
bind 'set enable-bracketed-paste off'
. /usr/share/bash-completion/bash_completion
_shown() { printf '\002%s\003' "$READLINE_LINE"; }
bind -x '"\C-g": _shown'
bind '"\C-xk": kill-whole-line'
""",
    "zsh": r"""
PS1='ready> '
unsetopt beep prompt_sp prompt_cr zle_bracketed_paste
fpath=(@ZSH@ $fpath)
autoload -Uz compinit
compinit -u -d $HOME/.zcompdump
zstyle ':completion:*' list-prompt ''
LISTMAX=0
_shown() { printf '\002%s\003' "$BUFFER" >/dev/tty }
zle -N _shown
bindkey '^G' _shown
bindkey '^Xk' kill-whole-line
""",
    "fish": r"""
function fish_prompt; printf 'ready> '; end
function fish_greeting; end
set -g fish_autosuggestion_enabled 0
bind \cxk 'commandline -r ""'
bind \cg 'printf "\002%s\003" (commandline)'
""",
}


class Shell:
    """installed: the prefix that acsmtp was installed to; folder: where it starts, and its home."""

    def __init__(self, name, installed, environment):
        self.name = name
        self.home = tempfile.mkdtemp(prefix="acsmtp-shell-")
        share = os.path.join(installed, "share")
        self.environment = dict(environment, HOME=self.home, TERM="dumb" if name != "fish" else "xterm",
                                LC_ALL="C.UTF-8", XDG_DATA_DIRS=share + ":/usr/share",
                                PATH=os.path.join(installed, "bin") + ":/usr/bin:/bin",
                                XDG_CONFIG_HOME=os.path.join(self.home, ".config"),
                                ZDOTDIR=self.home, HISTFILE="")
        self._write_rc(_RC[name].replace("@ZSH@", os.path.join(share, "zsh", "site-functions")))
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(self.home)
            os.execve("/usr/bin/" + name if name != "bash" else "/bin/bash", self._command(),
                      self.environment)
        self.seen = ""
        self._wait(lambda text: "ready> " in text)

    def _write_rc(self, text):
        path = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}[self.name]
        path = os.path.join(self.home, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def _command(self):
        return {"bash": ["bash", "-i"], "zsh": ["zsh", "-i"], "fish": ["fish", "-i"]}[self.name]

    def close(self):
        try:
            os.kill(self.process, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.process, 0)
        os.close(self.terminal)
        shutil.rmtree(self.home, ignore_errors=True)

    def _read(self):
        ready, _, _ = select.select([self.terminal], [], [], 1)
        if ready:
            self.seen += os.read(self.terminal, 65536).decode("utf-8", "replace")

    def _wait(self, done):
        end = time.monotonic() + WAIT
        while not done(self.seen):
            if time.monotonic() > end:
                raise AssertionError("%s does not answer: %r" % (self.name, self.seen[-2000:]))
            self._read()

    def _type(self, keys):
        os.write(self.terminal, keys.encode())

    def complete(self, line, tabs=1):
        """The line after TAB, and what the shell has shown meanwhile."""
        self.seen = ""
        self._type("\x18k" + line + "\t" * tabs + "\x07")  # Ctrl-X k: an empty line first
        self._wait(lambda text: _CLOSE in text)
        shown, buffer = self.seen.split(_OPEN, 1)
        return buffer.split(_CLOSE, 1)[0], re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
