/* SPDX-License-Identifier: MIT */
/*
 * A claims challenge (continuous access evaluation): what the next token must hold, in the form of
 * OpenID Connect Core section 5.5. Servers give it as JSON or, in HTTP and where they copy that, as
 * base64 of it.
 */
#ifndef CLAIMS_CHALLENGE_H
#define CLAIMS_CHALLENGE_H

#define CLAIMS_CHALLENGE_MAX 4096

/* The JSON object, for the caller to free(3); NULL when it is none, too long, or memory fails. */
char *claims_challenge_read(const char *text);

#endif
