/* SPDX-License-Identifier: MIT */
/*
 * Azure Arc's challenge: the agent names a file that only privileged users can read, and the caller
 * shows its content. Who could make a caller show another file would have that file's content, so
 * the name is checked first: its folder, its ending, its size.
 */
#ifndef MANAGED_IDENTITY_ARC_H
#define MANAGED_IDENTITY_ARC_H

#include <acsmtp/error.h>
#include <acsmtp/http.h>
#include <acsmtp/json.h>
#include <acsmtp/secret.h>

#define ARC_KEY_MAX 4096U

/*
 * The path in "Basic realm=PATH", copied to `path`. PROTOCOL unless it is a ".key" file directly in
 * `folder`.
 */
int arc_challenge_path(const char *header, const char *folder, char *path, size_t capacity,
                       struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * The header field that answers the agent's 401, for the caller to free. DENIED when this user may
 * not read the file, PROTOCOL when the challenge or the file is not as it should be.
 */
int arc_answer(const struct acsmtp_http_response *response, const char *folder,
               struct acsmtp_secret **proof, struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Old agents ignore the choice of an identity and give the system-assigned one: PROTOCOL unless the
 * reply echoes `value` under one of the names that the agents use for `parameter`.
 */
int arc_check_echo(const struct acsmtp_json *reply, const char *parameter, const char *value,
                   struct acsmtp_error *err) ACSMTP_CHECK;

#endif
