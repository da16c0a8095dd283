/* SPDX-License-Identifier: MIT */
/* application/x-www-form-urlencoded pairs, straight into the secret that will be the body. */
#include <acsmtp/http.h>
#include <string.h>

/* RFC 3986 unreserved characters; everything else is encoded, the space as %20. */
static int is_unreserved(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static int append_encoded(struct acsmtp_secret *form, const char *bytes, size_t size,
                          struct acsmtp_error *err)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        char code[3] = {'%', hex[c >> 4], hex[c & 15]};
        int status = is_unreserved(c) ? acsmtp_secret_append(form, &c, 1, err)
                                      : acsmtp_secret_append(form, code, sizeof code, err);

        if (status != ACSMTP_OK)
            return status;
    }
    return ACSMTP_OK;
}

int acsmtp_http_form_add(struct acsmtp_secret *form, const char *name, const char *value,
                         size_t size, struct acsmtp_error *err)
{
    int status = ACSMTP_OK;

    if (acsmtp_secret_size(form) > 0)
        status = acsmtp_secret_append(form, "&", 1, err);
    if (status == ACSMTP_OK)
        status = append_encoded(form, name, strlen(name), err);
    if (status == ACSMTP_OK)
        status = acsmtp_secret_append(form, "=", 1, err);
    if (status == ACSMTP_OK)
        status = append_encoded(form, value, size, err);
    return status;
}
