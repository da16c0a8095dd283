/* SPDX-License-Identifier: MIT */
/*
 * records_look_up(): all questions on one c-ares channel, in a loop that also watches the context.
 * The library needs no ares_library_init() but on Windows.
 */
#include "dns_answer.h"
#include "dns_judge.h"
#include "dns_server.h"
#include "records.h"

/* What c-ares 1.28 and later call deprecated is all that 1.18 has. */
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define CLASS_IN 1
#define TIMEOUT_MS 2000 /* of the first try, twice that for each one after */
#define TRIES 3
#define POLL_MAX_MS 1000

struct resolver {
    ares_channel channel;
    size_t pending, answered;
};

struct question {
    struct resolver *resolver;
    struct record *record;
    char name[RECORD_VALUE_MAX]; /* of the record, then of the aliases behind it */
    int aliases;
};

/* ---- answers ---- */

static void receive(void *data, int status, int timeouts, unsigned char *message, int size);

static void ask(struct question *question)
{
    int type = strcmp(question->record->type, "CNAME") == 0 ? DNS_TYPE_CNAME : DNS_TYPE_TXT;

    question->resolver->pending++;
    ares_query(question->resolver->channel, question->name, CLASS_IN, type, receive, question);
}

static void each_text(void *data, const unsigned char *bytes, size_t size)
{
    dns_judge_text(data, bytes, size);
}

static void judge_texts(struct question *question, const unsigned char *message, size_t size)
{
    struct dns_judgement judgement = {.record = question->record};

    if (dns_answer_texts(message, size, question->name, each_text, &judgement))
        dns_judge_end(&judgement);
    else
        question->record->finding = RECORD_NO_ANSWER;
}

/* An alias may lead to the right one over others: receivers follow it, so does this. */
static void judge_alias(struct question *question, const unsigned char *message, size_t size)
{
    struct record *record = question->record;
    char target[RECORD_VALUE_MAX];

    if (!dns_answer_alias(message, size, question->name, target)) {
        if (question->aliases == 0)
            record->finding = RECORD_NO_ANSWER;
        return;
    }
    if (!target[0]) {
        if (question->aliases == 0)
            record->finding = RECORD_MISSING;
        return;
    }
    if (dns_judge_alias(record, target) || ++question->aliases == DNS_CHAIN_MAX)
        return;
    memcpy(question->name, target, sizeof question->name);
    ask(question);
}

static enum record_finding finding_of(int status)
{
    switch (status) {
    case ARES_ENODATA:
        return RECORD_MISSING;
    case ARES_ENOTFOUND:
        return RECORD_NO_NAME;
    case ARES_ESERVFAIL:
    case ARES_EFORMERR:
        return RECORD_SERVER_FAILED;
    case ARES_EREFUSED:
    case ARES_ENOTIMP:
        return RECORD_REFUSED;
    default:
        return RECORD_NO_ANSWER;
    }
}

static void receive(void *data, int status, int timeouts, unsigned char *message, int size)
{
    struct question *question = data;
    struct record *record = question->record;

    (void)timeouts;
    question->resolver->pending--;
    if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED)
        return;
    if (status != ARES_SUCCESS) {
        /* What stands at the record's own name is known already when the question was about an
         * alias behind it. */
        if (question->aliases == 0)
            record->finding = finding_of(status);
    } else if (strcmp(record->type, "CNAME") == 0) {
        judge_alias(question, message, (size_t)size);
    } else {
        judge_texts(question, message, (size_t)size);
    }
    question->resolver->answered += record->finding != RECORD_NO_ANSWER;
}

/* ---- the channel ---- */

static int set_server(ares_channel channel, const struct dns_server *server)
{
    struct ares_addr_port_node node = {.family = server->family};

    if (server->family == AF_INET)
        node.addr.addr4 = server->address.v4;
    else
        memcpy(&node.addr.addr6, &server->address.v6, sizeof node.addr.addr6);
    node.udp_port = node.tcp_port = server->port;
    return ares_set_servers_ports(channel, &node);
}

static int open_channel(ares_channel *channel, const char *server, struct acsmtp_error *err)
{
    /* NOCHECKRESP: a refusal and a failure of the server are answers, and told apart. */
    struct ares_options options = {
        .flags = ARES_FLAG_NOCHECKRESP, .timeout = TIMEOUT_MS, .tries = TRIES};
    struct dns_server address;
    int status;

    if (server && dns_server_read(&address, server, err) != ACSMTP_OK)
        return ACSMTP_CONFIG;
    status =
        ares_init_options(channel, &options, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
    if (status == ARES_SUCCESS && server) {
        status = set_server(*channel, &address);
        if (status != ARES_SUCCESS)
            ares_destroy(*channel);
    }
    if (status != ARES_SUCCESS)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "cannot set up DNS queries: %s",
                           ares_strerror(status));
    return ACSMTP_OK;
}

/* ---- the loop ---- */

static int poll_ms(ares_channel channel, const struct acsmtp_context *context)
{
    struct timeval limit = {.tv_usec = POLL_MAX_MS * 1000L % 1000000L,
                            .tv_sec = POLL_MAX_MS / 1000};
    struct timeval left;
    const struct timeval *next = ares_timeout(channel, &limit, &left);
    int64_t wait = next->tv_sec * 1000 + next->tv_usec / 1000 + 1;
    int64_t remaining = acsmtp_context_remaining(context);

    return (int)(wait < remaining ? wait : remaining);
}

static void turn(ares_channel channel, const struct acsmtp_context *context)
{
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    struct pollfd polled[ARES_GETSOCK_MAXNUM + 1];
    int mask = ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
    nfds_t count = 0;

    for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        short events = 0;

        if (ARES_GETSOCK_READABLE(mask, i))
            events |= POLLIN;
        if (ARES_GETSOCK_WRITABLE(mask, i))
            events |= POLLOUT;
        if (events)
            polled[count++] = (struct pollfd){.fd = sockets[i], .events = events};
    }
    polled[count] = (struct pollfd){.fd = acsmtp_context_cancel_fd(context), .events = POLLIN};
    (void)poll(polled, count + 1, poll_ms(channel, context));
    for (nfds_t i = 0; i < count; i++) {
        int fd = polled[i].fd, events = polled[i].revents;

        ares_process_fd(channel, events & (POLLIN | POLLERR | POLLHUP) ? fd : ARES_SOCKET_BAD,
                        events & POLLOUT ? fd : ARES_SOCKET_BAD);
    }
    ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* what has waited long enough */
}

int records_look_up(struct records *records, struct acsmtp_context *context, const char *server,
                    struct acsmtp_error *err)
{
    struct question questions[RECORDS_MAX];
    struct resolver resolver = {.pending = 0};
    int status = open_channel(&resolver.channel, server, err);

    if (status != ACSMTP_OK)
        return status;
    for (size_t i = 0; i < records->count; i++) {
        struct record *record = &records->items[i];

        record->finding = RECORD_NOT_ASKED;
        record->seen[0] = '\0';
        questions[i] = (struct question){.resolver = &resolver, .record = record};
        (void)snprintf(questions[i].name, sizeof questions[i].name, "%s", record->name);
        ask(&questions[i]);
    }
    while (status == ACSMTP_OK && resolver.pending > 0) {
        status = acsmtp_context_check(context, "asking DNS", err);
        if (status == ACSMTP_OK)
            turn(resolver.channel, context);
    }
    ares_destroy(resolver.channel);
    if (status == ACSMTP_OK && records->count > 0 && resolver.answered == 0)
        return acsmtp_fail(err, ACSMTP_TEMPORARY, "DNS gave no answer (server: %s)",
                           server ? server : "the system's");
    return status;
}
