/* SPDX-License-Identifier: MIT */
/* Fuzzes what the emulator parses of SMTP: the grammar of commands, the end of DATA, the From
 * field. Beside memory errors it looks for a message whose end depends on how it was cut up. */
#include "mailbox.h"
#include "smtp_body.h"
#include "smtp_syntax.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse_line(const char *line)
{
    struct syntax_envelope envelope;
    if (syntax_envelope(line, "FROM:", true, &envelope) &&
        strlen(envelope.path.address) + 2 > SYNTAX_PATH) {
        abort();
    }
    if (syntax_envelope(line, "TO:", false, &envelope)) {
        if (envelope.path.address[0] == '\0') {
            abort();
        }
        for (size_t i = 0; i < envelope.parameters.count; i++) {
            const struct syntax_parameter *parameter = &envelope.parameters.list[i];
            if (parameter->value != NULL) {
                (void)syntax_is_notify(parameter->value, parameter->length);
                (void)syntax_is_xtext(parameter->value, parameter->length);
                (void)syntax_number(parameter->value, parameter->length);
            }
        }
    }
    (void)syntax_ehlo_name(line);
    (void)syntax_is_utf8(line, strlen(line));
}

struct kept {
    char *data;
    size_t length;
};

static void keep(void *cls, const char *data, size_t length)
{
    struct kept *kept = cls;
    memcpy(kept->data + kept->length, data, length);
    kept->length += length;
}

static size_t run_body(const char *data, size_t size, size_t piece, struct kept *kept)
{
    struct smtp_body body = {.keep = keep, .cls = kept};
    size_t used = 0;
    while (used < size && body.place != PLACE_ENDED) {
        size_t length = size - used < piece ? size - used : piece;
        used += smtp_body_take(&body, data + used, length);
    }
    return used;
}

static void compare_cuts(const char *data, size_t size)
{
    struct kept whole = {.data = malloc(size + 8)};
    struct kept cut = {.data = malloc(size + 8)};
    if (whole.data == NULL || cut.data == NULL) {
        abort();
    }
    size_t used = run_body(data, size, size, &whole);
    if (run_body(data, size, 1 + (size_t)(unsigned char)data[0] % 7, &cut) != used ||
        whole.length != cut.length || memcmp(whole.data, cut.data, cut.length) != 0) {
        abort();
    }
    free(whole.data);
    free(cut.data);
}

static void ignore(void *cls, const char *address)
{
    (void)cls;
    if (strlen(address) >= MAILBOX_ADDRESS || strchr(address, '@') == NULL) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *line = malloc(size + 1);
    if (line == NULL || size == 0) {
        free(line);
        return 0;
    }
    memcpy(line, data, size);
    line[size] = '\0';
    parse_line(line);
    compare_cuts(line, size);
    (void)mailbox_scan_from(line, size, ignore, NULL);
    free(line);
    return 0;
}
