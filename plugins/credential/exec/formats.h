/* SPDX-License-Identifier: MIT */
/*
 * What a command prints, in the formats that other programs have made common. Everything is read
 * into one structure; no text of the output ever reaches an error message.
 */
#ifndef EXEC_FORMATS_H
#define EXEC_FORMATS_H

#include <acsmtp/error.h>
#include <acsmtp/secret.h>
#include <stdint.h>

enum exec_kind { EXEC_ANY = 0, EXEC_TOKEN = 1, EXEC_PASSWORD = 2 };

struct exec_reply {
    int kind;                     /* enum exec_kind, never EXEC_ANY */
    struct acsmtp_secret *secret; /* the token or the password, owned */
    char username[512];           /* "" if none was told */
    int64_t expires_on;           /* Unix seconds, 0 if not told */
};

/*
 * Readers take the whole output and the kind that the config wants (EXEC_ANY: the format's own) and
 * fill an empty reply. PROTOCOL when the output is not of the format, UNAVAILABLE when it says that
 * there is nothing.
 */
int exec_read_raw(const struct acsmtp_secret *output, int kind, struct exec_reply *reply,
                  struct acsmtp_error *err);
int exec_read_json(const struct acsmtp_secret *output, int kind, struct exec_reply *reply,
                   struct acsmtp_error *err);
int exec_read_kubectl(const struct acsmtp_secret *output, int kind, struct exec_reply *reply,
                      struct acsmtp_error *err);
int exec_read_aws(const struct acsmtp_secret *output, int kind, struct exec_reply *reply,
                  struct acsmtp_error *err);
int exec_read_git(const struct acsmtp_secret *output, int kind, struct exec_reply *reply,
                  struct acsmtp_error *err);

/* Keep a user name; PROTOCOL when it is too long. */
int exec_set_username(struct exec_reply *reply, const char *username, size_t size,
                      struct acsmtp_error *err);

/*
 * A request or a verdict in git's credential protocol: protocol, host, username and password, each
 * left out when it is NULL, and the blank line. For the caller to free; NULL and `err` on failure.
 */
struct acsmtp_secret *exec_git_message(const char *host, const char *username,
                                       const struct acsmtp_secret *password,
                                       struct acsmtp_error *err);

#endif
