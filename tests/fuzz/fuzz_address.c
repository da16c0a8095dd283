/* SPDX-License-Identifier: MIT */
/*
 * Addresses: what comes out of a list stands the check again, and holds nothing that could break
 * out of "RCPT TO:<...>".
 */
#include <acsmtp/message.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int visit(void *data, const char *address, struct acsmtp_error *err)
{
    (void)data;
    (void)err;
    if (acsmtp_address_check(address, NULL) != ACSMTP_OK || strpbrk(address, "\r\n"))
        abort();
    if (address[0] != '"' && strpbrk(address, " <>"))
        abort();
    return ACSMTP_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct acsmtp_error err = ACSMTP_ERROR_INIT;
    char *text = malloc(size + 1);

    memcpy(text, data, size);
    text[size] = '\0';
    (void)!acsmtp_address_list(text, visit, NULL, &err);
    if (acsmtp_address_check(text, NULL) == ACSMTP_OK)
        (void)visit(NULL, text, NULL);
    free(text);
    return 0;
}
