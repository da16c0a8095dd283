/* SPDX-License-Identifier: MIT */
/* acsmtp plugin check: hands the words to the conformance battery, a program of its own. */
#include "cmd_plugin.h"
#include "output.h"
#include "plugin_list.h"
#include <acsmtp/text.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const struct option_help check_help = {
    .command = "acsmtp plugin check",
    .synopsis = "acsmtp plugin check [OPTION]... FILE.so|PLUGIN\n"
                "acsmtp plugin check --list-checks",
    .description =
        "Hold a plugin to the contract of acsmtp/plugin.h: its descriptor and options, its life "
        "in\n"
        "every legal order, two instances at once, deadlines, cancellation at every call, memory\n"
        "that runs out, replies that nobody can read, its promise about threads, its secrets.\n"
        "Every check runs in a process of its own, in which the plugin's HTTP requests go to a\n"
        "scripted server, its programs and SMTP sessions are played; connections that it makes by\n"
        "itself end at this machine. A provisioner makes, changes and removes what it would at "
        "its\n"
        "provider: with --provider at a stand-in for one, which you have started.",
    .epilog =
        "A value holds @CANARY@ where a secret is to be searched for, and @FOLDER@ for a private\n"
        "folder, in which 'file' holds such a secret. Options that are required and not given get\n"
        "plausible values. The reply of --reply is what servers and programs say when all is\n"
        "well; @CANARY@ in it is a secret, @EXPIRY@ a time in an hour. The settings of the config\n"
        "are not used.\n"
        "\n"
        "The file of --provider is a JSON object: \"cloud\" as in the config, \"tokens\" of the "
        "chain\n"
        "({SCOPE: TOKEN}), \"secrets\" (names of members of replies that hold one); all may be "
        "left\n"
        "out. Requests to other machines go to the scripted server all the same. Every life ends\n"
        "with 'destroy'. Instances that are there at the same time must not share what they make:\n"
        "@INSTANCE@ in a value is another number for each.\n"
        "\n"
        "  acsmtp plugin check ./example.so -o vault=https://vault.example.com -o "
        "token=@CANARY@\n"
        "\n"
        "Exit codes: 0 nothing was broken, 1 something was, 64 wrong usage, 65 the file cannot be\n"
        "a plugin's, 66 there is no such file.",
};

struct check_words {
    struct text_list options, environment, only;
    const char *reply, *challenge, *provider, *limit, *seed, *samples;
    int list;
};

#define ROW(member) offsetof(struct check_words, member)

static const struct option_row check_rows[] = {
    {"option", 'o', OPTION_LIST, "NAME=VALUE", ROW(options),
     "give an option of the plugin a value"},
    {"environment", 'e', OPTION_LIST, "NAME=VALUE", ROW(environment),
     "set a variable; the plugin sees no others but\nPATH, HOME, TMPDIR and LANG"},
    {"reply", 0, OPTION_TEXT, "FILE", ROW(reply), "what servers and programs say when all is well"},
    {"challenge", 0, OPTION_TEXT, "TEXT", ROW(challenge),
     "answer requests without Authorization with 401 and\nthis WWW-Authenticate"},
    {"provider", 0, OPTION_TEXT, "FILE", ROW(provider),
     "let requests to this machine through, to a stand-in\nfor the provider that FILE describes"},
    {"only", 0, OPTION_LIST, "CHECK", ROW(only),
     "run this check, or those of a group: --only life"},
    {"seed", 0, OPTION_TEXT, "NUMBER", ROW(seed), "what the canaries are made from"},
    {"samples", 0, OPTION_TEXT, "NUMBER", ROW(samples),
     "how many of the calls, and of the allocations, are\ndisturbed, default 100"},
    {"limit", 0, OPTION_TEXT, "DURATION", ROW(limit),
     "the longest that one check may take, default 60s"},
    {"list-checks", 0, OPTION_FLAG, NULL, ROW(list), "say what is checked"},
};

/* ---- the words of the battery ---- */

static int add_pair(struct text_list *words, const char *option, const char *value)
{
    if (!value)
        return 0;
    return text_list_add(words, option) != 0 || text_list_add(words, value) != 0;
}

static int add_all(struct text_list *words, const char *option, const struct text_list *values)
{
    int failed = 0;

    for (size_t i = 0; i < values->count && !failed; i++)
        failed = add_pair(words, option, values->items[i]);
    return failed;
}

static int add_flag(struct text_list *words, const char *flag, int wanted)
{
    return wanted && text_list_add(words, flag) != 0;
}

/* argv of the battery, ended by NULL. 0, or another number when memory fails. */
static int make_words(const struct check_words *given, int json, const char *path,
                      struct text_list *words)
{
    int failed = text_list_add(words, "acsmtp-plugin-check") != 0;

    failed = failed || add_all(words, "--option", &given->options);
    failed = failed || add_all(words, "--environment", &given->environment);
    failed = failed || add_all(words, "--only", &given->only);
    failed = failed || add_pair(words, "--reply", given->reply);
    failed = failed || add_pair(words, "--challenge", given->challenge);
    failed = failed || add_pair(words, "--provider", given->provider);
    failed = failed || add_pair(words, "--seed", given->seed);
    failed = failed || add_pair(words, "--samples", given->samples);
    failed = failed || add_pair(words, "--limit", given->limit);
    failed = failed || add_flag(words, "--json", json);
    failed = failed || add_flag(words, "--list-checks", given->list);
    failed = failed || add_pair(words, "--", path);
    return failed || text_list_add(words, NULL) != 0;
}

/* ---- the program ---- */

/* Beside this one, as both trees have it: ../libexec/acsmtp. */
static int start(struct text_list *words)
{
    char own[PATH_MAX], path[PATH_MAX + sizeof ACSMTP_LIBEXEC + 32];
    ssize_t size = readlink("/proc/self/exe", own, sizeof own - 1);
    char *slash;

    own[size > 0 ? size : 0] = '\0';
    slash = strrchr(own, '/');
    if (!slash) {
        talk("cannot tell where this program is");
        return EX_OSERR;
    }
    *slash = '\0';
    (void)snprintf(path, sizeof path, "%s/../" ACSMTP_LIBEXEC "/acsmtp-plugin-check", own);
    (void)fflush(stdout);
    (void)execv(path, (char *const *)words->items);
    talk("cannot run %s: %s (it is in the package for plugin authors)", path, strerror(errno));
    return errno == ENOENT ? EX_UNAVAILABLE : EX_OSERR;
}

/* A name without a slash that is no file's: an installed plugin's. The path is the caller's. */
static char *find_file(struct program *program, const char *word, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *list = NULL;
    const char *path;

    if (strchr(word, '/') || strstr(word, ".so"))
        return strdup(word);
    if (program_open(program, err) != ACSMTP_OK)
        return NULL;
    list = plugin_list(program->driver, word, err);
    path = acsmtp_json_string(acsmtp_json_item(list, 0), "path");
    if (path && path[0] == '/')
        return strdup(path);
    (void)acsmtp_fail(err, ACSMTP_UNAVAILABLE,
                      "there is no plugin '%s' in a file; 'acsmtp plugin list' lists them, and a "
                      "file is told as ./%s.so",
                      word, word);
    return NULL;
}

static int run(struct program *program, const struct check_words *given, const char *word)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct text_list words = {0};
    char *path = word ? find_file(program, word, &err) : NULL;
    int code;

    if (word && !path)
        return program_fail(program, &err);
    if (make_words(given, program->json, path, &words) == 0) {
        code = start(&words);
    } else {
        talk("out of memory");
        code = EX_OSERR;
    }
    text_list_release(&words);
    free(path);
    return code;
}

int cmd_plugin_check(struct program *program, int argc, char **argv)
{
    struct check_words given = {0};
    struct option_set set = {.rows = check_rows,
                             .count = sizeof check_rows / sizeof check_rows[0],
                             .target = &given,
                             .title = "Options"};
    int code;
    int first = program_parse(program, &check_help, &set, argc, argv, &code);

    if (first >= 0 && first + 1 < argc)
        code = options_usage(&check_help, "unexpected argument '%s'", argv[first + 1]);
    else if (first == argc && !given.list)
        code = options_usage(&check_help, "the file of a plugin is missing");
    else if (first >= 0)
        code = run(program, &given, first < argc ? argv[first] : NULL);
    text_list_release(&given.options);
    text_list_release(&given.environment);
    text_list_release(&given.only);
    return code;
}
