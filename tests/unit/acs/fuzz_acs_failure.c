/* SPDX-License-Identifier: MIT */
/*
 * Error bodies of Azure, which anybody between here and there may have written: read, told, and
 * looked up again. The first byte picks the HTTP status; a body that is no JSON is a proxy's page.
 */
#include "client_private.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static int is_one_line(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return 0;
    }
    return 1;
}

static void check_failure(const struct acsmtp_json *json)
{
    static const char path[] = "/_.-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    struct client_failure failure;
    struct client_remedy remedy;
    int is_known = client_failure_read(json, &failure);

    must(is_known == (failure.code[0] != '\0' || failure.text[0] != '\0'));
    must(strlen(failure.code) < sizeof failure.code && !strchr(failure.code, '/'));
    must(strlen(failure.text) < sizeof failure.text);
    must(strspn(failure.codes, path) == strlen(failure.codes));
    must(!failure.code[0] || failure.codes[0]);
    client_remedy_find(&failure, &remedy);
    must((remedy.status != 0) == (remedy.text[0] != '\0'));
    must(strlen(remedy.text) < sizeof remedy.text);
}

static void check_message(const struct client_reply *reply)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    int status = client_fail(reply, "create x", &err);

    must(status != ACSMTP_OK && err.status == status);
    must(strncmp(err.message, "create x: ", 10) == 0);
    must(is_one_line(err.message) && is_one_line(err.server_text) && is_one_line(err.code));
    must(!err.code[0] || client_failed_with(&err, err.code));
    (void)client_failed_with(&err, "Inner");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 202, 302, 400, 401, 403, 404, 409, 429, 500, 503};
    struct client_reply reply = {.retry_after = -1};

    if (size == 0)
        return 0;
    reply.status = statuses[data[0] % (sizeof statuses / sizeof statuses[0])];
    reply.retry_after = data[0] % 3 ? -1 : data[0];
    reply.json = acsmtp_json_parse((const char *)data + 1, size - 1, NULL);
    reply.is_foreign = size > 1 && !reply.json;
    must(client_state(reply.json) != NULL);
    check_failure(reply.json);
    check_message(&reply);
    client_reply_release(&reply);
    return 0;
}
