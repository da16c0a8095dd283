#compdef acsmtp
# SPDX-License-Identifier: MIT
# Completion of acsmtp for zsh. The program says what there is: core/cli/completion.h tells how.

local kind text about line
local -a described open
while IFS= read -r line; do
    kind=${line%%$'\t'*} line=${line#*$'\t'}
    text=${line%%$'\t'*} about=${line#*$'\t'}
    case $kind in
    (word)
        line=${${text//\\/\\\\}//:/\\:}${about:+:$about} # as _describe wants it
        if [[ $text == *[=.] ]]; then open+=($line); else described+=($line); fi
        ;;
    (files|folders)
        compset -P ${(b)text}
        if [[ $kind == files ]]; then _files; else _files -/; fi
        ;;
    esac
done < <($words[1] __complete -- "${(@Q)${(@)words[2,CURRENT-1]}/#\~\//$HOME/}" "${(Q)PREFIX}" 2>/dev/null </dev/null)

_describe -V acsmtp described -- open -S ''
