/* SPDX-License-Identifier: MIT */
/*
 * Plays every file of tests/dialogue against the SMTP session: a scripted TLS server in a thread on
 * the loopback, the session in the main one. The format stands in dialogue.h.
 */
#include "cunit_main.h"
#include "dialogue_client.h"

#include <dirent.h>

static char *dialogue_paths[200];
static size_t dialogue_total;
static size_t dialogue_next;

static const char *const step_names[] = {"open", "send", "noop"};

/* ---- what is expected ---- */

static int number_of(const char *word)
{
    static const char *const deliveries[] = {"NOT_TRIED", "ACCEPTED", "DEFERRED", "REFUSED",
                                             "UNKNOWN"};

    for (int i = 0; i < 5; i++)
        if (strcmp(word, deliveries[i]) == 0)
            return i;
    for (int i = 0; i <= ACSMTP_SYSTEM; i++)
        if (strcasecmp(word, acsmtp_status_name(i)) == 0)
            return i;
    loopback_need(0, word);
    return -1;
}

/* A failed expectation shows what there was. */
static void check(const char *path, int number, int ok, const char *there)
{
    if (!ok)
        printf("\n    %s:%d: there was '%s'", strrchr(path, '/') + 1, number, there);
    CU_ASSERT(ok);
}

static void expect_reply(const char *path, int number, const struct acsmtp_reply *reply, char *rest)
{
    const char *delivery = strsep(&rest, " ");
    const char *code = strsep(&rest, " ");
    const char *enhanced = none(strsep(&rest, " "));
    char there[768];

    (void)snprintf(there, sizeof there, "%d %d %s %s", reply->delivery, reply->code,
                   reply->enhanced, reply->text);
    check(path, number,
          reply->delivery == number_of(delivery) && reply->code == strtol(code, NULL, 10) &&
              strcmp(reply->enhanced, enhanced ? enhanced : "") == 0 &&
              (!rest || strstr(reply->text, rest)),
          there);
}

static void expect_step(struct client *client, const char *path, int number, const char *step,
                        char *rest)
{
    const char *status = strsep(&rest, " ");

    for (int i = 0; i < 3; i++) {
        const struct acsmtp_error *err = &client->errors[i];
        char there[1200];

        if (strcmp(step, step_names[i]) != 0)
            continue;
        (void)snprintf(there, sizeof there, "%s: %s", acsmtp_status_name(err->status),
                       err->message);
        check(path, number,
              err->status == number_of(status) && (!rest || strstr(err->message, rest)), there);
    }
}

static void expect_something(struct client *client, const char *path,
                             const struct dialogue_line *line)
{
    char *rest = line->rest;
    const char *what = strsep(&rest, " ");
    size_t mail;
    size_t recipient;

    if (strcmp(what, "mail") == 0) {
        mail = strtoul(strsep(&rest, " "), NULL, 10);
        expect_reply(path, line->number, acsmtp_result_message(client->mails[mail].result), rest);
    } else if (strcmp(what, "rcpt") == 0) {
        mail = strtoul(strsep(&rest, " "), NULL, 10);
        recipient = strtoul(strsep(&rest, " "), NULL, 10);
        expect_reply(path, line->number,
                     acsmtp_result_recipient(client->mails[mail].result, recipient), rest);
    } else {
        expect_step(client, path, line->number, what, rest);
    }
}

static const struct acsmtp_error *failed(const struct client *client)
{
    for (int i = 0; i < 3; i++)
        if (client->errors[i].status != ACSMTP_OK)
            return &client->errors[i];
    return &client->errors[0];
}

static void expect(struct client *client, const char *path, const struct dialogue_line *line)
{
    const struct acsmtp_error *err = failed(client);
    char there[256];
    char *rest;

    if (strcmp(line->word, "expect") == 0) {
        expect_something(client, path, line);
    } else if (strcmp(line->word, "expect-server") == 0) {
        long code = strtol(line->rest, &rest, 10);

        (void)snprintf(there, sizeof there, "%d %s", err->server_code, err->code);
        check(path, line->number,
              err->server_code == code &&
                  (!none(rest + 1) || strcmp(err->code, none(rest + 1)) == 0),
              there);
    } else if (strcmp(line->word, "expect-code") == 0) {
        check(path, line->number, strcmp(err->code, line->rest) == 0, err->code);
    } else if (strcmp(line->word, "expect-trace") == 0) {
        check(path, line->number, strstr(client->trace, line->rest) != NULL, client->trace);
    } else if (strcmp(line->word, "expect-no-trace") == 0) {
        check(path, line->number, !strstr(client->trace, line->rest), client->trace);
    }
}

/* Whatever the dialogue is about: what the mechanism answered is not in the trace and in no error.
 */
static void check_secrets(struct client *client, const char *path)
{
    for (size_t i = 0; i < client->answer_count; i++) {
        char bytes[DIALOGUE_TEXT_MAX];
        char encoded[2 * DIALOGUE_TEXT_MAX];
        const char *text = client->answers[i];
        size_t size = dialogue_unescape(text, strlen(text), bytes);

        if (size < 6)
            continue;
        (void)EVP_EncodeBlock((unsigned char *)encoded, (unsigned char *)bytes, (int)size);
        check(path, 0, !strstr(client->trace, bytes) && !strstr(client->trace, encoded),
              client->trace);
        for (int k = 0; k < 3; k++)
            check(path, 0, !strstr(client->errors[k].message, encoded), client->errors[k].message);
    }
}

/* ---- one dialogue ---- */

static void play(const char *path)
{
    struct dialogue *dialogue = calloc(1, sizeof *dialogue);
    struct server *server = calloc(1, sizeof *server);
    struct client *client;
    pthread_t thread;
    int port;

    loopback_need(dialogue && server, "memory");
    dialogue_read(dialogue, path);
    client = client_new(dialogue);
    server->dialogue = dialogue;
    server->listener = loopback_listen(&port);
    client->options.port = port;
    loopback_need(pthread_create(&thread, NULL, serve, server) == 0, "a thread");
    run_steps(client);
    (void)pthread_join(thread, NULL);
    (void)close(server->listener);
    check(path, 0, !server->problem[0], server->problem);
    for (size_t i = 0; i < dialogue->count; i++)
        expect(client, path, &dialogue->lines[i]);
    check_secrets(client, path);
    client_free(client);
    free(dialogue->text);
    free(dialogue);
    free(server);
}

static void play_next(void)
{
    play(dialogue_paths[dialogue_next++]);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void find_dialogues(const char *only)
{
    char folder[4096];
    const struct dirent *entry;
    DIR *open_folder;

    (void)snprintf(folder, sizeof folder, "%s", __FILE__);
    *strrchr(folder, '/') = '\0';
    (void)strncat(folder, "/../dialogue", sizeof folder - strlen(folder) - 1);
    open_folder = opendir(folder);
    loopback_need(open_folder != NULL, folder);
    while ((entry = readdir(open_folder)) && dialogue_total < 200) {
        const char *end = strrchr(entry->d_name, '.');

        if (end && strcmp(end, ".txt") == 0 && (!only || strstr(entry->d_name, only)))
            loopback_need(
                asprintf(&dialogue_paths[dialogue_total++], "%s/%s", folder, entry->d_name) > 0,
                "memory");
    }
    (void)closedir(open_folder);
    qsort(dialogue_paths, dialogue_total, sizeof dialogue_paths[0], compare);
}

/* With an argument: only the dialogues whose file name holds it. */
int main(int argc, char **argv)
{
    static struct cunit_case cases[200];
    int result;

    find_dialogues(argc > 1 ? argv[1] : NULL);
    loopback_need(dialogue_total > 0, "no dialogues");
    for (size_t i = 0; i < dialogue_total; i++)
        cases[i] = (struct cunit_case){strrchr(dialogue_paths[i], '/') + 1, play_next};
    loopback_pki_open(&pki);
    result = cunit_run("dialogue", cases, dialogue_total);
    loopback_pki_close(&pki);
    for (size_t i = 0; i < dialogue_total; i++)
        free(dialogue_paths[i]);
    return result;
}
