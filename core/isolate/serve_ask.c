/* SPDX-License-Identifier: MIT */
/*
 * Questions to the host, and what it is told without being asked. A plugin may have threads: one of
 * them asks at a time. The main thread does not read meanwhile, for it is inside the plugin.
 */
#include "protocol.h"
#include "serve.h"

struct wire_writer serve_begin(struct serve *serve)
{
    (void)pthread_mutex_lock(&serve->lock);
    acsmtp_secret_truncate(serve->question, 0);
    return (struct wire_writer){.out = serve->question};
}

void serve_end(struct serve *serve)
{
    acsmtp_secret_truncate(serve->question, 0);
    acsmtp_secret_truncate(serve->answer, 0);
    (void)pthread_mutex_unlock(&serve->lock);
}

int serve_ask(struct serve *serve, uint32_t type, const struct wire_writer *writer,
              struct wire_reader *answer, struct acsmtp_error *err)
{
    uint32_t came = 0;
    int status;

    if (writer->failed)
        return acsmtp_fail(err, ACSMTP_SYSTEM, "what the host is asked is too long");
    status = channel_send(&serve->channel, type, serve->question, err);
    if (status == ACSMTP_OK)
        status = channel_receive(&serve->channel, &came, serve->answer, err);
    if (status == ACSMTP_OK && came != FRAME_ANSWER)
        status = acsmtp_fail(err, ACSMTP_PROTOCOL, "the host does not answer (%lu)",
                             (unsigned long)came);
    *answer = wire_read(status == ACSMTP_OK ? serve->answer : NULL);
    return status == ACSMTP_OK ? wire_get_outcome(answer, err) : status;
}

void serve_tell(struct serve *serve, uint32_t type, const struct wire_writer *writer)
{
    /* A host that is gone ends this process by other means. */
    if (!writer->failed && channel_send(&serve->channel, type, serve->question, NULL) != ACSMTP_OK)
        return;
}

static void tell_finding(void *data, const struct acsmtp_finding *finding)
{
    struct serve *serve = data;
    struct wire_writer writer = serve_begin(serve);

    wire_put_finding(&writer, finding);
    serve_tell(serve, HOST_FINDING, &writer);
    serve_end(serve);
}

struct acsmtp_finding_sink serve_sink(struct serve *serve)
{
    return (struct acsmtp_finding_sink){
        .size = sizeof(struct acsmtp_finding_sink), .data = serve, .tell = tell_finding};
}

void serve_log(void *data, int level, const char *line)
{
    struct serve *serve = data;
    struct wire_writer writer = serve_begin(serve);

    wire_put_u32(&writer, (uint32_t)level);
    wire_put_text(&writer, line);
    serve_tell(serve, HOST_LOG, &writer);
    serve_end(serve);
}
