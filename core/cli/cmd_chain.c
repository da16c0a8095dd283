/* SPDX-License-Identifier: MIT */
/*
 * acsmtp chain explain: the profile's sources of credentials in the order in which they are asked,
 * and what would become of each.
 */
#include "exitcode.h"
#include "output.h"
#include "program.h"
#include <acsmtp/json.h>
#include <acsmtp/text.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

struct chain_options {
    int probe;
};

static const struct option_row chain_rows[] = {
    {"probe", 0, OPTION_FLAG, NULL, offsetof(struct chain_options, probe),
     "ask each of them for a credential, and show what it\nsaid and how long it took; no mail is "
     "sent"},
};

static const struct option_help chain_help = {
    .command = "acsmtp chain",
    .synopsis = "acsmtp chain explain [--probe]",
    .description =
        "Show the profile's sources of credentials in the order in which they would be asked, and\n"
        "why each would be asked or passed over: what is configured, installed, set in the\n"
        "environment. Values of variables are not shown. Without --probe nobody is contacted.",
    .epilog =
        "The first source that gives a credential ends the chain. A refusal, or a failure that\n"
        "may pass, ends it too, unless the entry says \"on_denied\" or \"on_temporary\": "
        "\"next\".\n"
        "\n"
        "Exit codes: 0 some source would be asked (--probe: gave a credential), 69 none, 78 "
        "the\nconfiguration is wrong.",
};

/* What the visitor needs. */
struct telling {
    struct acsmtp_json *members; /* NULL: to people */
    int probe;
    int usable; /* a member of the profile's own chain would be asked, or has answered */
    int wrong;  /* the worst class of what is wrong, ACSMTP_OK if nothing is */
    struct acsmtp_error err;
};

/* ---- for people ---- */

static const char *verdict_text(const struct telling *telling,
                                const struct acsmtp_chain_member *member)
{
    if (member->status == ACSMTP_OK)
        return telling->probe ? "answers" : "asked";
    if (member->status == ACSMTP_UNAVAILABLE)
        return "passed over";
    return acsmtp_status_name(member->status);
}

static void print_names(int indent, const char *title, const char *const *names)
{
    if (!names || !names[0])
        return;
    (void)printf("%*s%s", indent, "", title);
    for (size_t i = 0; names[i]; i++)
        (void)printf("%s%s", i ? ", " : " ", names[i]);
    (void)printf("\n");
}

static void print_policy(int indent, const struct acsmtp_chain_member *member)
{
    if (!member->flags && member->timeout_ms < 0 && !member->retries)
        return;
    (void)printf("%*spolicy:", indent, "");
    if (member->flags & ACSMTP_MEMBER_OPTIONAL)
        (void)printf(" optional");
    if (member->flags & ACSMTP_MEMBER_NEXT_ON_DENIED)
        (void)printf(" on_denied=next");
    if (member->flags & ACSMTP_MEMBER_NEXT_ON_TEMPORARY)
        (void)printf(" on_temporary=next");
    if (member->flags & ACSMTP_MEMBER_ISOLATED)
        (void)printf(" isolation=process");
    if (member->timeout_ms >= 0)
        (void)printf(" timeout=%lldms", (long long)member->timeout_ms);
    if (member->retries)
        (void)printf(" retries=%lld", (long long)member->retries);
    (void)printf("\n");
}

static void print_member(const struct telling *telling, const struct acsmtp_chain_member *member)
{
    int indent = 2 * (int)member->depth;
    int width = 24 - indent > 4 ? 24 - indent : 4;

    (void)printf("%*s%-*s  %-11s  ", indent, "", width, member->plugin,
                 verdict_text(telling, member));
    if (member->elapsed_ms >= 0)
        (void)printf("%lld ms  ", (long long)member->elapsed_ms);
    (void)printf("%s\n", member->reason);
    if (member->hint && (telling->probe || member->status != ACSMTP_UNAVAILABLE))
        (void)printf("%*shint: %s\n", indent + 4, "", member->hint);
    print_policy(indent + 4, member);
    print_names(indent + 4, "set:", member->set);
    print_names(indent + 4, "not set:", member->unset);
}

/* ---- for programs ---- */

static int set_names(struct acsmtp_json *object, const char *key, const char *const *names,
                     struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *array = acsmtp_json_new_array(err);

    for (size_t i = 0; array && names && names[i]; i++)
        if (acsmtp_json_append(array, acsmtp_json_new_string(names[i], err), err) != 0)
            return err->status;
    return acsmtp_json_set(object, key, ACSMTP_STEAL(struct acsmtp_json, array), err);
}

static int set_number(struct acsmtp_json *object, const char *key, int64_t number,
                      struct acsmtp_error *err)
{
    return number < 0 ? ACSMTP_OK
                      : acsmtp_json_set(object, key, acsmtp_json_new_integer(number, err), err);
}

static int set_flag(struct acsmtp_json *object, const char *key, uint32_t flag,
                    struct acsmtp_error *err)
{
    return acsmtp_json_set(object, key, acsmtp_json_new_boolean(flag != 0, err), err);
}

static int set_policy(struct acsmtp_json *object, const struct acsmtp_chain_member *member,
                      struct acsmtp_error *err)
{
    int status = set_flag(object, "optional", member->flags & ACSMTP_MEMBER_OPTIONAL, err);

    if (status == ACSMTP_OK)
        status =
            set_flag(object, "next_on_denied", member->flags & ACSMTP_MEMBER_NEXT_ON_DENIED, err);
    if (status == ACSMTP_OK)
        status = set_flag(object, "next_on_temporary",
                          member->flags & ACSMTP_MEMBER_NEXT_ON_TEMPORARY, err);
    if (status == ACSMTP_OK)
        status = set_flag(object, "isolated", member->flags & ACSMTP_MEMBER_ISOLATED, err);
    if (status == ACSMTP_OK)
        status = set_number(object, "timeout_ms", member->timeout_ms, err);
    return status == ACSMTP_OK ? set_number(object, "retries", member->retries, err) : status;
}

static struct acsmtp_json *member_json(const struct acsmtp_chain_member *member,
                                       struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);

    if (!object || set_number(object, "depth", member->depth, err) != 0 ||
        output_set_text(object, "plugin", member->plugin, err) != 0 ||
        output_set_text(object, "option", member->option, err) != 0 ||
        output_set_text(object, "where", member->where, err) != 0 ||
        output_set_text(object, "status", acsmtp_status_name(member->status), err) != 0 ||
        output_set_text(object, "reason", member->reason, err) != 0 ||
        output_set_text(object, "hint", member->hint, err) != 0 ||
        set_policy(object, member, err) != 0 ||
        set_number(object, "elapsed_ms", member->elapsed_ms, err) != 0 ||
        set_names(object, "variables_set", member->set, err) != 0 ||
        set_names(object, "variables_unset", member->unset, err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

/* ---- the command ---- */

static int tell(void *data, const struct acsmtp_chain_member *member)
{
    struct telling *telling = data;

    if (member->depth == 0 && member->status == ACSMTP_OK)
        telling->usable = 1;
    if (member->depth == 0 && member->status != ACSMTP_OK && member->status != ACSMTP_UNAVAILABLE &&
        telling->wrong == ACSMTP_OK)
        telling->wrong = member->status;
    if (!telling->members) {
        print_member(telling, member);
        return 0;
    }
    return acsmtp_json_append(telling->members, member_json(member, &telling->err), &telling->err);
}

static int print_document(struct program *program, struct telling *telling)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *document = output_document(&telling->err);

    if (!document ||
        output_set_text(document, "profile", acsmtp_driver_profile_name(program->driver),
                        &telling->err) != 0 ||
        acsmtp_json_set(document, "members", ACSMTP_STEAL(struct acsmtp_json, telling->members),
                        &telling->err) != 0)
        return program_fail(program, &telling->err);
    return output_json(document);
}

/* What is wrong with the config counts always; a refusal only when no source gave anything. */
static int exit_code(const struct telling *telling)
{
    if (telling->wrong == ACSMTP_CONFIG)
        return EX_CONFIG;
    if (telling->usable)
        return EX_OK;
    return telling->wrong == ACSMTP_OK ? EX_UNAVAILABLE : exitcode_of(telling->wrong);
}

static int explain(struct program *program, const struct chain_options *options)
{
    struct telling telling = {.probe = options->probe, .err = ACSMTP_ERROR_INIT};
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int code = EX_OK;

    if (program_open(program, &err) != ACSMTP_OK)
        return program_fail(program, &err);
    if (program->json && !(telling.members = acsmtp_json_new_array(&err)))
        return program_fail(program, &err);
    program_begin(program);
    if (acsmtp_driver_chain(program->driver, program->context, options->probe, tell, &telling,
                            &err) != ACSMTP_OK)
        code = program_fail(program, &err);
    else if (program->json)
        code = print_document(program, &telling);
    acsmtp_json_free(telling.members);
    return code == EX_OK ? exit_code(&telling) : code;
}

int cmd_chain(struct program *program, int argc, char **argv)
{
    struct chain_options options = {0};
    struct option_set set = {.rows = chain_rows,
                             .count = sizeof chain_rows / sizeof chain_rows[0],
                             .target = &options,
                             .title = "Options"};
    int code;
    int first = program_parse(program, &chain_help, &set, argc, argv, &code);

    if (first < 0)
        return code;
    if (first == argc)
        return options_usage(&chain_help, "no action given");
    if (strcmp(argv[first], "explain") != 0)
        return acsmtp_suggest(argv[first], (const char *const[]){"explain"}, 1)
                   ? options_usage(&chain_help, "unknown action '%s'; did you mean 'explain'?",
                                   argv[first])
                   : options_usage(&chain_help, "unknown action '%s'", argv[first]);
    if (first + 1 < argc)
        return options_usage(&chain_help, "unexpected argument '%s'", argv[first + 1]);
    return explain(program, &options);
}
