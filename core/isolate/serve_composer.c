/* SPDX-License-Identifier: MIT */
/*
 * The call of composers: what is composed goes to the host piece by piece.
 */
#include "protocol.h"
#include "serve.h"
#include "wire_plugin.h"

static int write_piece(struct serve *serve, const char *bytes, size_t size,
                       struct acsmtp_error *err)
{
    struct wire_writer writer = serve_begin(serve);
    struct wire_reader answer;
    int status;

    wire_put_bytes(&writer, bytes, size);
    status = serve_ask(serve, HOST_WRITE, &writer, &answer, err);
    serve_end(serve);
    return status;
}

static int write_composed(void *data, const void *bytes, size_t size, struct acsmtp_error *err)
{
    const char *at = bytes;
    int status = ACSMTP_OK;

    while (status == ACSMTP_OK && size > 0) {
        size_t piece = size < ISOLATE_READ_MAX ? size : ISOLATE_READ_MAX;

        status = write_piece(data, at, piece, err);
        at += piece;
        size -= piece;
    }
    return status;
}

int serve_compose(struct call *call, struct acsmtp_error *err)
{
    struct wire_draft draft;
    int status = wire_get_draft(&call->in, &draft, err);

    if (status == ACSMTP_OK)
        status = call->serve->plugin->composer->compose(
            call->serve->instance, call->context, &draft.draft, write_composed, call->serve, err);
    wire_draft_release(&draft);
    return status;
}
