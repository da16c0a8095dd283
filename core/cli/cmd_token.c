/* SPDX-License-Identifier: MIT */
/*
 * acsmtp token: the access token of a profile's chain on standard output, for other programs. It
 * goes there past every buffer; what is shown of its inside never includes the signature.
 */
#include "output.h"
#include "program.h"
#include "token_format.h"
#include <acsmtp/json.h>
#include <acsmtp/token.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { TOKEN_MIN_VALIDITY = 300 }; /* seconds: long enough for whoever gets it to use it */

struct token_options {
    const char *scope, *tenant, *format, *variable;
    int claims, refresh;

    const struct token_format *shape;
    char server[1024]; /* what docker wants a credential for */
};

#define ROW(member) offsetof(struct token_options, member)

static const struct option_row token_rows[] = {
    {"scope", 0, OPTION_TEXT, "SCOPE", ROW(scope),
     "what the token is for, default: the profile's, else\nthat of mail through ACS"},
    {"tenant", 0, OPTION_TEXT, "TENANT", ROW(tenant), "the directory (tenant) to ask"},
    {"format", 0, OPTION_TEXT, TOKEN_FORMATS, ROW(format),
     "raw (default), json (with expiry and source), or as\na helper of git, aws, k8s (kubectl), "
     "docker answers,\nor env: 'export NAME=...' for a shell"},
    {"variable", 0, OPTION_TEXT, "NAME", ROW(variable), "of env, default: ACSMTP_ACCESS_TOKEN"},
    {"claims", 0, OPTION_FLAG, NULL, ROW(claims),
     "print what the token says (header and claims) instead\nof the token; nothing is verified"},
    {"refresh", 0, OPTION_FLAG, NULL, ROW(refresh), "ask for a new one, whatever the cache has"},
};

static const struct option_help token_help = {
    .command = "acsmtp token",
    .synopsis = "acsmtp token [OPTION]...",
    .description =
        "Print an access token from the profile's credential sources. Tokens are cached: "
        "a second\ncall costs milliseconds.",
    .epilog =
        "Examples:\n"
        "  A token for mail through Azure Communication Services:\n"
        "    acsmtp token\n"
        "  Who am I to Azure? (aud, appid, tid, roles, ...)\n"
        "    acsmtp token --claims\n"
        "  For another service, with its expiry:\n"
        "    acsmtp token --scope https://vault.azure.net/.default --format json\n"
        "  As a credential helper of git, and into a shell:\n"
        "    git config credential.https://example.org.helper '!acsmtp token --format git'\n"
        "    eval \"$(acsmtp token --format env)\"\n"
        "\n"
        "Exit codes: 0 done, 64 wrong usage, 69 no source applies here, 75 temporary, 77 the\n"
        "identity was refused, 78 the configuration is wrong or gives no token.",
};

static int print_claims(const struct program *program, const struct acsmtp_credential *credential)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_CLAIMS struct acsmtp_claims *claims =
        acsmtp_claims_parse(acsmtp_credential_secret(credential), &err);
    ACSMTP_AUTO_JSON struct acsmtp_json *document = NULL;
    const char *text = claims ? acsmtp_claims_json(claims) : NULL;

    if (text)
        document = acsmtp_json_parse(text, strlen(text), &err);
    if (!document) {
        acsmtp_error_prefix(&err, "the token cannot be looked into");
        return program_fail(program, &err);
    }
    return output_json(document);
}

static int print_token(const struct program *program, const struct token_options *options,
                       const struct acsmtp_credential *credential,
                       const struct acsmtp_report *report)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    const char *winner = report_winner(report);
    struct token_answer answer;

    if (acsmtp_credential_kind(credential) != ACSMTP_CREDENTIAL_TOKEN) {
        (void)acsmtp_fail(
            &err, ACSMTP_CONFIG, "profile '%s': %s gives a user name and a password, not a token",
            acsmtp_driver_profile_name(program->driver), winner ? winner : "its source");
        return program_fail(program, &err);
    }
    if (options->claims)
        return print_claims(program, credential);
    answer = (struct token_answer){
        .credential = credential,
        .source = winner,
        .username = acsmtp_driver_profile_string(program->driver, "username"),
        .server = options->server,
        .variable = options->variable,
    };
    return options->shape->write(&answer);
}

static int token_run(struct program *program, const struct token_options *options,
                     struct acsmtp_credential *credential, struct acsmtp_report *report)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_credential_request request = {
        .size = sizeof request,
        .flags = options->refresh ? ACSMTP_REQUEST_REFRESH : 0,
        .scope = options->scope,
        .tenant = options->tenant,
        .min_validity = TOKEN_MIN_VALIDITY,
    };
    int failed;

    request.username = acsmtp_driver_profile_string(program->driver, "username");
    program_begin(program);
    failed = acsmtp_driver_credential(program->driver, program->context, &request, credential,
                                      report, &err) != ACSMTP_OK;
    if (program->verbose || (failed && acsmtp_report_length(report) > 1))
        talk_report(report, 0, failed);
    return failed ? program_fail(program, &err) : print_token(program, options, credential, report);
}

/* --dry-run: everything but the asking. */
static int token_check(struct program *program)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    if (acsmtp_driver_check(program->driver, &err) != ACSMTP_OK)
        return program_fail(program, &err);
    return EX_OK;
}

static int token_open(struct program *program, const struct token_options *options)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct acsmtp_credential *credential = NULL;
    struct acsmtp_report *report = NULL;
    int code;

    if (program_open(program, &err) != ACSMTP_OK)
        return program_fail(program, &err);
    if (program->dry_run)
        return token_check(program);
    credential = acsmtp_credential_new(&err);
    report = acsmtp_report_new(&err);
    if (credential && report)
        code = token_run(program, options, credential, report);
    else
        code = program_fail(program, &err);
    acsmtp_report_free(report);
    acsmtp_credential_free(credential);
    return code;
}

/* ---- words ---- */

/* The first line of what the caller writes; docker ends it by closing its end. */
static void read_server(char *server, size_t capacity)
{
    size_t used = 0;
    ssize_t got;

    while (used + 1 < capacity &&
           (got = read(STDIN_FILENO, server + used, capacity - 1 - used)) > 0)
        used += (size_t)got;
    server[used] = '\0';
    server[strcspn(server, "\r\n")] = '\0';
}

/*
 * "get" is what the program does anyway; "store" and "erase" are notices about a credential that it
 * does not keep for anybody. 1 when there is nothing to do.
 */
static int is_notice(const char *verb)
{
    return strcmp(verb, "store") == 0 || strcmp(verb, "erase") == 0;
}

static int check_options(const struct program *program, struct token_options *options, int count,
                         char **words)
{
    const char *name = options->format ? options->format : program->json ? "json" : "raw";

    options->shape = token_format_find(name);
    if (!options->shape)
        return options_usage(&token_help, "option '--format': '%s' is none of " TOKEN_FORMATS,
                             name);
    if (!options->variable)
        options->variable = "ACSMTP_ACCESS_TOKEN";
    if (!token_variable_valid(options->variable))
        return options_usage(&token_help, "option '--variable': '%s' is no name of a variable",
                             options->variable);
    if (count > 1 || (count == 1 && !options->shape->has_verbs))
        return options_usage(&token_help, "unexpected argument '%s'", words[count > 1]);
    if (count == 1 && strcmp(words[0], "get") != 0 && !is_notice(words[0]))
        return options_usage(&token_help, "'%s' is none of get, store, erase", words[0]);
    return EX_OK;
}

int cmd_token(struct program *program, int argc, char **argv)
{
    struct token_options options = {0};
    struct option_set set = {.rows = token_rows,
                             .count = sizeof token_rows / sizeof token_rows[0],
                             .target = &options,
                             .title = "Options"};
    int code;
    int first = program_parse(program, &token_help, &set, argc, argv, &code);

    if (first < 0)
        return code;
    code = check_options(program, &options, argc - first, argv + first);
    if (code != EX_OK)
        return code;
    if (first < argc && is_notice(argv[first]))
        return EX_OK;
    if (first < argc && strcmp(options.shape->name, "docker") == 0)
        read_server(options.server, sizeof options.server);
    return token_open(program, &options);
}
