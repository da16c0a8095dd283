/* SPDX-License-Identifier: MIT */
/*
 * acsmtp token: the access token of a profile's chain on standard output, for other programs. It
 * goes there past every buffer; what is shown of its inside never includes the signature.
 */
#include "output.h"
#include "program.h"
#include <acsmtp/json.h>
#include <acsmtp/token.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

enum { TOKEN_MIN_VALIDITY = 300 }; /* seconds: long enough for whoever gets it to use it */

struct token_options {
    const char *scope, *tenant, *format;
    int claims, refresh;
};

#define ROW(member) offsetof(struct token_options, member)

static const struct option_row token_rows[] = {
    {"scope", 0, OPTION_TEXT, "SCOPE", ROW(scope),
     "what the token is for, default: the profile's, else\nthat of mail through ACS"},
    {"tenant", 0, OPTION_TEXT, "TENANT", ROW(tenant), "the directory (tenant) to ask"},
    {"format", 0, OPTION_TEXT, "raw|json", ROW(format),
     "the token alone (default), or a JSON document with\nits expiry and source"},
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
        "\n"
        "Exit codes: 0 done, 64 wrong usage, 69 no source applies here, 75 temporary, 77 the\n"
        "identity was refused, 78 the configuration is wrong or gives no token.",
};

static int print_raw(const struct acsmtp_credential *credential)
{
    const struct acsmtp_secret *token = acsmtp_credential_secret(credential);

    if (output_bytes(acsmtp_secret_data(token), acsmtp_secret_size(token)) != 0 ||
        output_bytes("\n", 1) != 0)
        return EX_IOERR;
    return EX_OK;
}

static int set_expiry(struct acsmtp_json *document, int64_t expires_on, struct acsmtp_error *err)
{
    time_t when = (time_t)expires_on;
    struct tm parts;
    char text[40] = "";

    if (gmtime_r(&when, &parts))
        (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    if (acsmtp_json_set(document, "expires_on", acsmtp_json_new_integer(expires_on, err), err) != 0)
        return err->status;
    return output_set_text(document, "expires_at", text, err);
}

static int print_json(const struct acsmtp_credential *credential,
                      const struct acsmtp_report *report)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *document = output_document(&err);
    const char *token = acsmtp_secret_data(acsmtp_credential_secret(credential));

    if (!document || output_set_text(document, "token", token, &err) != 0 ||
        set_expiry(document, acsmtp_credential_expires_on(credential), &err) != 0 ||
        output_set_text(document, "source", report_winner(report), &err) != 0) {
        talk_error(&err);
        return EX_OSERR;
    }
    return output_json(document);
}

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

    if (acsmtp_credential_kind(credential) != ACSMTP_CREDENTIAL_TOKEN) {
        (void)acsmtp_fail(
            &err, ACSMTP_CONFIG, "profile '%s': %s gives a user name and a password, not a token",
            acsmtp_driver_profile_name(program->driver), winner ? winner : "its source");
        return program_fail(program, &err);
    }
    if (options->claims)
        return print_claims(program, credential);
    if (program->json || (options->format && strcmp(options->format, "json") == 0))
        return print_json(credential, report);
    return print_raw(credential);
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
    if (first < argc)
        return options_usage(&token_help, "unexpected argument '%s'", argv[first]);
    if (options.format && strcmp(options.format, "raw") != 0 && strcmp(options.format, "json") != 0)
        return options_usage(&token_help, "option '--format': '%s' is neither raw nor json",
                             options.format);
    return token_open(program, &options);
}
