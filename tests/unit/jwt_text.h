/* SPDX-License-Identifier: MIT */
/*
 * A JWT made by hand: any header, any claims, any signature.
 */
#ifndef JWT_TEXT_H
#define JWT_TEXT_H

#include <acsmtp/secret.h>
#include <string.h>

static inline void jwt_add(struct acsmtp_secret *token, const char *text)
{
    size_t from = acsmtp_secret_size(token), at;
    char *bytes;

    (void)!acsmtp_secret_append_base64(token, text, strlen(text), NULL);
    bytes = (char *)acsmtp_secret_data(token);
    for (at = from; bytes[at] && bytes[at] != '='; at++) {
        if (bytes[at] == '+')
            bytes[at] = '-';
        if (bytes[at] == '/')
            bytes[at] = '_';
    }
    acsmtp_secret_truncate(token, at);
}

static inline struct acsmtp_secret *jwt_text(const char *header, const char *claims,
                                             const char *signature)
{
    struct acsmtp_secret *token = acsmtp_secret_new(NULL, 0, NULL);

    jwt_add(token, header);
    (void)!acsmtp_secret_append(token, ".", 1, NULL);
    jwt_add(token, claims);
    (void)!acsmtp_secret_append(token, ".", 1, NULL);
    (void)!acsmtp_secret_append(token, signature, strlen(signature), NULL);
    return token;
}

#endif
