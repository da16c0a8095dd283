/* SPDX-License-Identifier: MIT */
/* Showing the results of deliveries, see delivery_report.h. */
#include "delivery_report.h"
#include "output.h"
#include <acsmtp/secret.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MESSAGE_MAX = 64 * 1024 * 1024 };

static const char *delivery_name(int delivery)
{
    static const char *const names[] = {
        [ACSMTP_NOT_TRIED] = "not sent", [ACSMTP_ACCEPTED] = "sent",
        [ACSMTP_DEFERRED] = "deferred",  [ACSMTP_REFUSED] = "refused",
        [ACSMTP_UNKNOWN] = "unknown",
    };

    if (delivery < 0 || (size_t)delivery >= sizeof names / sizeof names[0])
        return "unknown";
    return names[delivery];
}

/* ": 250 2.0.0 Ok: queued", with what of it there is. */
static void print_reply(const struct acsmtp_reply *reply)
{
    (void)fputs(delivery_name(reply->delivery), stdout);
    if (reply->code || reply->text[0])
        (void)fputc(':', stdout);
    if (reply->code)
        (void)printf(" %d", (int)reply->code);
    if (reply->enhanced[0])
        (void)printf(" %s", reply->enhanced);
    if (reply->text[0])
        (void)printf(" %s", reply->text);
    (void)fputc('\n', stdout);
}

void delivery_print(const struct letter *letter, int titled)
{
    const struct acsmtp_reply *message = acsmtp_result_message(letter->result);

    if (titled) {
        output_text(stdout, letter_title(letter));
        (void)fputs(": ", stdout);
    }
    print_reply(message);
    for (size_t i = 0; i < letter->recipients.count; i++) {
        const struct acsmtp_reply *reply = acsmtp_result_recipient(letter->result, i);

        if (reply == message || reply->delivery == ACSMTP_ACCEPTED)
            continue;
        (void)printf("  %s: ", letter->recipients.items[i]);
        print_reply(reply);
    }
}

void delivery_talk(const struct letter *letter, int titled)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;

    if (acsmtp_result_status(letter->result, &err) == ACSMTP_OK)
        return;
    if (titled)
        acsmtp_error_prefix(&err, "%s", letter_title(letter));
    talk_error(&err);
}

void delivery_talk_envelope(const struct letter *letter, int dry_run)
{
    (void)fputs(dry_run ? "dry run, nothing is sent: " : "", stderr);
    output_text(stderr, letter_title(letter));
    (void)fprintf(stderr, ": from <%s> to", letter->sender);
    for (size_t i = 0; i < letter->recipients.count; i++)
        (void)fprintf(stderr, "%s <%s>", i ? "," : "", letter->recipients.items[i]);
    (void)fprintf(stderr, ", %lld bytes\n", (long long)acsmtp_message_size(letter->message));
}

int delivery_worse(int a, int b)
{
    static const int order[] = {ACSMTP_OK, ACSMTP_REJECTED, ACSMTP_TEMPORARY};
    size_t rank_a = 0, rank_b = 0;

    /* What is not in the table ended the whole delivery: that is said first. */
    while (rank_a < sizeof order / sizeof order[0] && order[rank_a] != a)
        rank_a++;
    while (rank_b < sizeof order / sizeof order[0] && order[rank_b] != b)
        rank_b++;
    return rank_b > rank_a ? b : a;
}

/* ---- JSON ---- */

static struct acsmtp_json *reply_json(const struct acsmtp_reply *reply, const char *address,
                                      struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);

    if (!object || output_set_text(object, "address", address, err) != 0 ||
        output_set_text(object, "delivery", delivery_name(reply->delivery), err) != 0 ||
        (reply->code &&
         acsmtp_json_set(object, "code", acsmtp_json_new_integer(reply->code, err), err) != 0) ||
        output_set_text(object, "enhanced", reply->enhanced, err) != 0 ||
        output_set_text(object, "text", reply->text, err) != 0)
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}

/* The file transport of a dry run accepts everything, which must not look like a delivery. */
static const struct acsmtp_reply dry_run_reply = {
    .size = sizeof dry_run_reply, .delivery = ACSMTP_NOT_TRIED, .text = "dry run"};

static struct acsmtp_json *recipients_json(const struct letter *letter, int dry_run,
                                           struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *array = acsmtp_json_new_array(err);

    for (size_t i = 0; array && i < letter->recipients.count; i++)
        if (acsmtp_json_append(
                array,
                reply_json(dry_run ? &dry_run_reply : acsmtp_result_recipient(letter->result, i),
                           letter->recipients.items[i], err),
                err) != 0)
            return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, array);
}

/* The whole message as text for --dry-run --json, for the caller to free(3). */
static char *message_dup(struct acsmtp_message *message, struct acsmtp_error *err)
{
    int64_t limit = acsmtp_message_size(message);
    size_t size = 0, got = 0;
    char *text;

    if (limit > SHOWN_MESSAGE_MAX) {
        (void)acsmtp_fail(err, ACSMTP_REJECTED, "too large to be shown as JSON");
        return NULL;
    }
    text = malloc((size_t)limit + 1);
    if (!text || acsmtp_message_rewind(message, err) != ACSMTP_OK) {
        free(text);
        (void)acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
        return NULL;
    }
    do {
        if (acsmtp_message_read(message, text + size, (size_t)limit - size, &got, err) != 0) {
            free(text);
            return NULL;
        }
        size += got;
    } while (got && size < (size_t)limit);
    acsmtp_message_close(message);
    text[size] = '\0';
    return text;
}

static int set_message(struct acsmtp_json *object, struct acsmtp_message *message,
                       struct acsmtp_error *err)
{
    char *text = message_dup(message, err);
    int status;

    if (!text)
        return err->status;
    status = acsmtp_json_set(object, "message", acsmtp_json_new_string(text, err), err);
    free(text);
    return status;
}

struct acsmtp_json *delivery_json(const struct letter *letter, int dry_run,
                                  struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *object = acsmtp_json_new_object(err);

    if (!object || output_set_text(object, "file", letter->name, err) != 0 ||
        acsmtp_json_set(object, "from", acsmtp_json_new_string(letter->sender, err), err) != 0 ||
        acsmtp_json_set(object, "size",
                        acsmtp_json_new_integer(acsmtp_message_size(letter->message), err),
                        err) != 0 ||
        acsmtp_json_set(object, "recipients", recipients_json(letter, dry_run, err), err) != 0 ||
        acsmtp_json_set(
            object, "result",
            reply_json(dry_run ? &dry_run_reply : acsmtp_result_message(letter->result), NULL, err),
            err) != 0 ||
        (dry_run && set_message(object, letter->message, err) != 0))
        return NULL;
    return ACSMTP_STEAL(struct acsmtp_json, object);
}
