/* SPDX-License-Identifier: MIT */
/*
 * Dot-stuffing (RFC 5321 section 4.5.2) and line ends. A bare LF or CR that went out as it is could
 * end the message early for one server and not for the next (SMTP smuggling), so none ever does.
 */
#include "smtp_data.h"

#include <string.h>

/* Bytes before the first CR or LF. */
static size_t text_size(const char *in, size_t size)
{
    const char *lf = memchr(in, '\n', size);
    const char *cr;

    if (lf)
        size = (size_t)(lf - in);
    cr = memchr(in, '\r', size);
    return cr ? (size_t)(cr - in) : size;
}

static size_t add_line_end(struct smtp_data *data, char c, char *out)
{
    int is_written = c == '\n' && data->after_cr;

    data->after_cr = c == '\r';
    data->in_line = 0;
    if (is_written)
        return 0;
    out[0] = '\r';
    out[1] = '\n';
    data->size += 2;
    return 2;
}

void smtp_data_add(struct smtp_data *data, const char *in, size_t size, size_t *taken, char *out,
                   size_t room, size_t *written)
{
    size_t from = 0;
    size_t to = 0;

    /* Each turn writes at most one byte more than the text it takes, or a line end of two. */
    while (from < size && room - to >= 2) {
        size_t limit = size - from < room - to - 1 ? size - from : room - to - 1;
        size_t text = text_size(in + from, limit);

        if (text > 0) {
            if (!data->in_line && in[from] == '.')
                out[to++] = '.';
            memcpy(out + to, in + from, text);
            to += text;
            from += text;
            data->size += (int64_t)text;
            data->in_line = 1;
            data->after_cr = 0;
        } else {
            to += add_line_end(data, in[from++], out + to);
        }
    }
    *taken = from;
    *written = to;
}

size_t smtp_data_end(struct smtp_data *data, char *out)
{
    static const char end[] = "\r\n.\r\n";
    size_t skip = data->in_line ? 0 : 2;

    data->size += data->in_line ? 2 : 0;
    memcpy(out, end + skip, sizeof end - 1 - skip);
    return sizeof end - 1 - skip;
}
