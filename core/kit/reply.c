/* SPDX-License-Identifier: MIT */
/*
 * What servers and helper programs say while a plugin is checked. The good reply has the fields of
 * token endpoints, vaults and command lines side by side: a plugin takes those that it knows.
 */
#include "canary.h"
#include "server.h"
#include <acsmtp/secret.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DEEP = 4000, HUGE_BODY = 2 * 1024 * 1024 };

static const char *own_reply;

static const char good_reply[] =
    "{\"version\":1,\"access_token\":\"@CANARY@\",\"token\":\"@CANARY@\",\"accessToken\":\"@CANARY@"
    "\","
    "\"token_type\":\"Bearer\",\"tokenType\":\"Bearer\",\"expires_in\":\"3600\","
    "\"ext_expires_in\":3600,\"expires_on\":\"@EXPIRY@\",\"expiresOn\":\"2037-01-01T00:00:00Z\","
    "\"refresh_token\":\"@CANARY@\",\"resource\":\"https://example.com\","
    "\"value\":\"@CANARY@\",\"id\":\"https://kit.example.com/secrets/kit/0123456789abcdef0123456789"
    "abcdef\",\"contentType\":\"text/plain\",\"attributes\":{\"enabled\":true},"
    "\"username\":\"kit@example.com\",\"password\":\"@CANARY@\","
    "\"device_code\":\"@CANARY@\",\"user_code\":\"KITCODE\","
    "\"verification_uri\":\"https://example.com/device\",\"interval\":1,\"message\":\"kit\","
    "\"lease_duration\":3600,\"renewable\":true,"
    "\"auth\":{\"client_token\":\"@CANARY@\",\"lease_duration\":3600,\"renewable\":true},"
    "\"data\":{\"username\":\"kit@example.com\",\"password\":\"@CANARY@\","
    "\"data\":{\"username\":\"kit@example.com\",\"password\":\"@CANARY@\"},\"metadata\":{}}}";

void reply_use(const char *text)
{
    own_reply = text;
}

/* Replace `word` wherever it stands by something that is not longer than 40 bytes. */
static char *replace(char *text, const char *word, const char *by)
{
    size_t length = strlen(text), count = 0;
    char *made, *to;

    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        count++;
    made = malloc(length + count * strlen(by) + 1);
    to = made;
    for (const char *from = text; made && *from;) {
        if (strncmp(from, word, strlen(word)) == 0) {
            to = stpcpy(to, by);
            from += strlen(word);
        } else {
            *to++ = *from++;
        }
    }
    if (made)
        *to = '\0';
    acsmtp_wipe(text, length);
    free(text);
    return made;
}

char *reply_good(unsigned instance)
{
    char canary[CANARY_SIZE + 1], expiry[24];
    char *text = strdup(own_reply ? own_reply : good_reply);

    (void)snprintf(expiry, sizeof expiry, "%lld", (long long)time(NULL) + 3600);
    canary_write(canary, CANARY_REPLY, instance);
    if (text)
        text = replace(text, "@EXPIRY@", expiry);
    if (text)
        text = replace(text, "@CANARY@", canary);
    acsmtp_wipe(canary, sizeof canary);
    return text;
}

static char *filled(const char *begin, char with, size_t count, const char *end)
{
    size_t head = strlen(begin), tail = strlen(end);
    char *made = malloc(head + count + tail + 1);

    if (!made)
        return NULL;
    memcpy(made, begin, head);
    memset(made + head, with, count);
    memcpy(made + head + count, end, tail);
    made[head + count + tail] = '\0';
    return made;
}

/* Every text, number and truth of the good reply becomes something of another type. */
static char *wrong_types(void)
{
    return strdup("{\"access_token\":17,\"token\":[],\"accessToken\":{},\"token_type\":3,"
                  "\"expires_in\":{},\"expires_on\":[1],\"expiresOn\":true,\"refresh_token\":null,"
                  "\"value\":{\"value\":1},\"id\":7,\"attributes\":[],\"username\":1,"
                  "\"password\":[2],\"device_code\":1,\"user_code\":{},\"verification_uri\":2,"
                  "\"interval\":\"x\",\"auth\":[],\"data\":\"x\",\"error\":{},\"message\":4}");
}

static char *cut(unsigned instance)
{
    char *text = reply_good(instance);

    if (text)
        text[strlen(text) / 2] = '\0';
    return text;
}

char *reply_bad(enum script script, unsigned instance, size_t *size)
{
    char *made;

    switch (script) {
    case SCRIPT_EMPTY:
        made = strdup("");
        break;
    case SCRIPT_NOT_JSON:
        made = strdup("<html><body>Sign in to the guest network</body></html>");
        break;
    case SCRIPT_CUT_JSON:
        made = cut(instance);
        break;
    case SCRIPT_WRONG_TYPES:
        made = wrong_types();
        break;
    case SCRIPT_DEEP:
        made = filled("{\"access_token\":", '[', DEEP, "");
        break;
    case SCRIPT_HUGE:
        made = filled("{\"access_token\":\"", 'x', HUGE_BODY, "\"}");
        break;
    default:
        return NULL;
    }
    *size = made ? strlen(made) : 0;
    return made;
}

const char *script_name(enum script script)
{
    static const char *const names[SCRIPT_COUNT] = {
        [SCRIPT_GOOD] = "a good reply",
        [SCRIPT_EMPTY] = "an empty body",
        [SCRIPT_NOT_JSON] = "a page of HTML",
        [SCRIPT_CUT_JSON] = "JSON that is cut off",
        [SCRIPT_WRONG_TYPES] = "fields of wrong types",
        [SCRIPT_DEEP] = "deep nesting",
        [SCRIPT_HUGE] = "a huge body",
        [SCRIPT_SHORT_BODY] = "a body shorter than its Content-Length",
        [SCRIPT_BAD_CHUNK] = "a chunk with a malformed size",
        [SCRIPT_BAD_STATUS] = "a malformed status line",
        [SCRIPT_SLOW] = "a server that never ends its reply",
        [SCRIPT_RESET] = "a connection that is reset",
        [SCRIPT_REDIRECT] = "a redirect",
        [SCRIPT_401] = "status 401",
        [SCRIPT_403] = "status 403",
        [SCRIPT_404] = "status 404",
        [SCRIPT_429] = "status 429",
        [SCRIPT_429_RETRY] = "status 429 with Retry-After",
        [SCRIPT_500] = "status 500",
        [SCRIPT_503_RETRY] = "status 503 with Retry-After",
    };

    return names[script];
}
