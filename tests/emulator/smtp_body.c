/* SPDX-License-Identifier: MIT */
/* The state machine of DATA; see smtp_body.h. */
#include "smtp_body.h"

static void keep(struct smtp_body *body, const char *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        body->eight_bit = body->eight_bit || (unsigned char)data[i] >= 0x80;
        body->bare_newline = body->bare_newline || data[i] == '\0';
    }
    body->keep(body->cls, data, length);
}

/* Bytes that need no attention. */
static size_t plain_run(const char *data, size_t length)
{
    size_t count = 0;
    while (count < length && data[count] != '\r' && data[count] != '\n') {
        count++;
    }
    return count;
}

/* Whether the byte belongs to the dots and not to the message. */
static bool take_dot(struct smtp_body *body, char c)
{
    if (body->place == PLACE_LINE_START && c == '.') {
        body->place = PLACE_AFTER_DOT;
    } else if (body->place == PLACE_AFTER_DOT && c == '\r') {
        body->place = PLACE_AFTER_DOT_CR;
    } else if (body->place == PLACE_AFTER_DOT_CR && c == '\n') {
        body->place = PLACE_ENDED;
    } else {
        return false;
    }
    return true;
}

static void take_byte(struct smtp_body *body, char c)
{
    if (take_dot(body, c)) {
        return;
    }
    if (body->place == PLACE_AFTER_DOT_CR) {
        keep(body, "\r", 1); /* it ended no line after all */
        body->place = PLACE_AFTER_CR;
    }
    keep(body, &c, 1);
    if (body->place == PLACE_AFTER_CR && c == '\n') {
        body->place = PLACE_LINE_START;
        return;
    }
    body->bare_newline = body->bare_newline || c == '\n' || body->place == PLACE_AFTER_CR;
    body->place = c == '\r' ? PLACE_AFTER_CR : PLACE_INSIDE;
}

size_t smtp_body_take(struct smtp_body *body, const char *data, size_t length)
{
    size_t used = 0;
    while (used < length && body->place != PLACE_ENDED) {
        size_t run = body->place == PLACE_INSIDE ? plain_run(data + used, length - used) : 0;
        if (run > 0) {
            keep(body, data + used, run);
            used += run;
        } else {
            take_byte(body, data[used++]);
        }
    }
    return used;
}

void smtp_body_inspect(struct smtp_body *body, const char *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = data[i];
        bool lone_cr = c == '\r' && (i + 1 == length || data[i + 1] != '\n');
        bool lone_lf = c == '\n' && (i == 0 || data[i - 1] != '\r');
        body->bare_newline = body->bare_newline || lone_cr || lone_lf || c == '\0';
        body->eight_bit = body->eight_bit || (unsigned char)c >= 0x80;
    }
}
