# SPDX-License-Identifier: MIT
# Completion of acsmtp for fish. The program says what there is: core/cli/completion.h tells how.

function __acsmtp_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    $words[1] __complete -- (string replace -r '^~/' "$HOME/" -- $words[2..-1]) "$current" 2>/dev/null </dev/null | while read -l -d \t kind text about
        switch $kind
            case word
                printf '%s\t%s\n' $text $about
            case files folders
                set -l rest (string sub -s (math 1 + (string length -- "$text")) -- "$current")
                for path in (if test $kind = files
                        __fish_complete_path "$rest"
                    else
                        __fish_complete_directories "$rest"
                    end)
                    printf '%s%s\n' "$text" $path
                end
        end
    end
end

complete -c acsmtp -f -a '(__acsmtp_complete)'
