/* SPDX-License-Identifier: MIT */
/*
 * acsmtp logout: what is kept between runs goes, and it is said what that was.
 */
#include "exitcode.h"
#include "output.h"
#include "program.h"
#include <acsmtp/json.h>
#include <string.h>
#include <sysexits.h>

static const struct option_help logout_help = {
    .command = "acsmtp logout",
    .synopsis = "acsmtp logout [OPTION]...",
    .description =
        "Remove what is kept between runs: cached tokens, and the sign-ins (refresh tokens) of\n"
        "sources such as device-code. With --profile those that this profile can use, otherwise\n"
        "all of this user's. Files are overwritten and removed, entries of keyrings are removed.\n"
        "Tokens that other programs hold stay good until they expire.",
    .epilog = "Exit codes: 0 done (also when nothing was kept), 64 wrong usage, 69 a keyring\n"
              "cannot be reached, 78 the configuration is wrong (files are removed all the same).",
};

/* How many of one kind were removed from one place. */
struct row {
    char kind[16], place[80];
    size_t count;
};

enum { ROWS_MAX = 32 };

struct rows {
    struct row rows[ROWS_MAX];
    size_t count;
};

/* The same place can be swept several times: once for each chain, once for each profile. */
static void add_removed(void *data, const struct acsmtp_removed *removed)
{
    struct rows *rows = data;
    struct row *row = rows->rows;
    struct row *end = row + rows->count;

    while (row < end &&
           (strcmp(row->kind, removed->kind) != 0 || strcmp(row->place, removed->place) != 0))
        row++;
    if (row == end) {
        if (rows->count == ROWS_MAX)
            return;
        rows->count++;
        (void)snprintf(row->kind, sizeof row->kind, "%s", removed->kind);
        (void)snprintf(row->place, sizeof row->place, "%s", removed->place);
    }
    row->count += removed->count;
}

static void print_row(const struct row *row)
{
    int files = strcmp(row->place, "files") == 0;

    (void)printf("removed %zu %s%s from %s%s\n", row->count,
                 strcmp(row->kind, "token") == 0 ? "cached token" : row->kind,
                 row->count == 1 ? "" : "s", files ? "files" : "keyring ", files ? "" : row->place);
}

static void print_text(const struct rows *rows, int failed)
{
    for (size_t i = 0; i < rows->count; i++)
        print_row(&rows->rows[i]);
    if (rows->count == 0 && !failed)
        (void)printf("nothing was kept\n");
}

static struct acsmtp_json *row_json(const struct row *row, struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);

    if (!object || output_set_text(object, "kind", row->kind, err) != ACSMTP_OK ||
        output_set_text(object, "place", row->place, err) != ACSMTP_OK ||
        acsmtp_json_set(object, "count", acsmtp_json_new_integer((int64_t)row->count, err), err) !=
            ACSMTP_OK)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

static int print_json(const struct rows *rows, const struct acsmtp_error *failure)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    ACSMTP_AUTO_JSON struct acsmtp_json *document = output_document(&err);
    ACSMTP_AUTO_JSON struct acsmtp_json *list = acsmtp_json_new_array(&err);
    int status = document && list ? ACSMTP_OK : ACSMTP_SYSTEM;

    for (size_t i = 0; status == ACSMTP_OK && i < rows->count; i++)
        status = acsmtp_json_append(list, row_json(&rows->rows[i], &err), &err);
    if (status == ACSMTP_OK)
        status = acsmtp_json_set(document, "removed", ACSMTP_STEAL(struct acsmtp_json, list), &err);
    if (status == ACSMTP_OK && failure->status != ACSMTP_OK)
        status = acsmtp_json_set(document, "error", output_error(failure, &err), &err);
    return status == ACSMTP_OK ? output_json(document) : EX_OSERR;
}

static int logout_run(struct program *program)
{
    struct acsmtp_driver_options options = program_driver_options(program);
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    struct rows rows = {.count = 0};
    int code = EX_OK;

    if (program_open_context(program, &err) != ACSMTP_OK)
        return program_fail(program, &err);
    program_begin(program);
    if (acsmtp_logout(&options, program->context, add_removed, &rows, &err) != ACSMTP_OK) {
        program_talk_failure(program, &err);
        code = exitcode_of_error(&err);
    }
    if (!program->json)
        print_text(&rows, code != EX_OK);
    else if (print_json(&rows, &err) != EX_OK)
        return EX_IOERR;
    return code;
}

int cmd_logout(struct program *program, int argc, char **argv)
{
    struct option_set none = {.rows = NULL};
    int code;
    int first = program_parse(program, &logout_help, &none, argc, argv, &code);

    if (first < 0)
        return code;
    if (first < argc)
        return options_usage(&logout_help, "unexpected argument '%s'", argv[first]);
    if (program->dry_run)
        return options_usage(&logout_help, "option '--dry-run' means nothing here");
    return logout_run(program);
}
