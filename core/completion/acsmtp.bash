# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Completion of acsmtp for bash, with the package bash-completion. The program says what there is:
# core/cli/completion.h tells how.

_acsmtp()
{
    # shellcheck disable=SC2034 # prev is set by _init_completion
    local cur prev words cword kind text about base tail
    _init_completion -n '=:' || return

    # What bash takes for a word ends at = and :, so what was there before goes off the candidates.
    base=${cur%"${cur##*[=:]}"}
    words=("${words[@]/#\~\//$HOME/}")
    while IFS=$'\t' read -r kind text about; do
        case $kind in
        word)
            tail=${text#"$base"}
            [[ $tail != *[=.] ]] || compopt -o nospace
            printf -v tail %q "$tail"
            COMPREPLY+=("$tail")
            ;;
        files | folders)
            compopt -o filenames
            tail=${text#"$base"}
            while IFS= read -r about; do
                COMPREPLY+=("$about")
            done < <(
                if [[ $kind == files ]]; then
                    compgen -P "$tail" -f -- "${cur#"$text"}"
                else
                    compgen -P "$tail" -d -- "${cur#"$text"}"
                fi
            )
            ;;
        esac
    done < <("$1" __complete -- "${words[@]:1:cword}" 2>/dev/null </dev/null)
} && complete -F _acsmtp acsmtp
