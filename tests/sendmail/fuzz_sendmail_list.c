/* SPDX-License-Identifier: MIT */
/*
 * Address lists: rewriting that changes nothing gives the list back; and what is a list of n
 * addresses is one of n addresses with every address exchanged.
 */
#include <acsmtp/message.h>
#include <cli/sendmail_list.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int leave(void *data, const char *address, char **replacement, struct acsmtp_error *err)
{
    (void)data;
    (void)replacement;
    (void)err;
    if (!*address)
        abort();
    return ACSMTP_OK;
}

static int replace(void *data, const char *address, char **replacement, struct acsmtp_error *err)
{
    (void)data;
    (void)address;
    (void)err;
    *replacement = strdup("someone@example.org");
    return ACSMTP_OK;
}

static int count(void *data, const char *address, struct acsmtp_error *err)
{
    size_t *addresses = data;

    (void)address;
    (void)err;
    ++*addresses;
    return ACSMTP_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *list = malloc(size + 1), *same = NULL, *other = NULL;
    size_t before = 0, after = 0;

    memcpy(list, data, size);
    list[size] = '\0';
    if (sendmail_list_rewrite(list, leave, NULL, &same, NULL) != ACSMTP_OK ||
        strcmp(list, same) != 0 ||
        sendmail_list_rewrite(list, replace, NULL, &other, NULL) != ACSMTP_OK)
        abort();
    if (acsmtp_address_list(list, count, &before, NULL) == ACSMTP_OK &&
        (acsmtp_address_list(other, count, &after, NULL) != ACSMTP_OK || before != after))
        abort();
    free(other);
    free(same);
    free(list);
    return 0;
}
