/* SPDX-License-Identifier: MIT */
/* Signed monitor addresses; see arm_lro_url.h. As in Azure "c" stands for a certificate, "s" for
 * its signature and "h" for a hash over all that comes before it; here only the hash is checked. */
#include "arm_lro_url.h"

#include "tree.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
    URL_MAXIMUM = 8192,
    CERTIFICATE_LENGTH = 2600,
    SIGNATURE_LENGTH = 342,
    HASH_LENGTH = 43, /* 32 octets in base64url */
};

/* Appends the hash of the text under the operation's key. */
static void add_hash(struct text *out, struct json_object *operation, const char *data,
                     size_t length)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    const char *key = tree_string(operation, "signing_key", "");
    if (HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)data, length, hash,
             &size) != NULL) {
        text_add_base64url(out, hash, size);
    }
}

/* Appends that many characters that follow from the seed. */
static void add_filler(struct text *out, struct json_object *operation, const char *seed,
                       size_t length)
{
    struct text filler;
    text_init(&filler, length + HASH_LENGTH);
    text_puts(&filler, seed);
    while (filler.length < length) {
        size_t before = filler.length;
        add_hash(&filler, operation, text_string(&filler), filler.length);
        if (filler.length == before) {
            break;
        }
    }
    text_add(out, text_string(&filler), filler.length < length ? filler.length : length);
    text_release(&filler);
}

/* .NET's ticks, which "t" counts: tenths of microseconds since the year 1. */
static unsigned long long ticks(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return 621355968000000000ULL + (unsigned long long)now.tv_sec * 10000000ULL +
           (unsigned long long)now.tv_nsec / 100ULL;
}

static const char *namespace_of(const struct arm_call *call, char out[ARM_TYPE_SIZE])
{
    const char *type = call->path.type;
    char key[RESOURCE_ID_SIZE];
    struct json_object *operation = tree_get(call->tree, "arm_operations", call->path.name, NULL);
    if (operation != NULL) { /* the monitor itself is asked */
        resources_key(tree_string(operation, "resource_id", ""), key);
        const struct arm_type *of_resource = arm_type_of(key);
        type = of_resource == NULL ? type : of_resource->name;
    }
    size_t length = strcspn(type, "/");
    snprintf(out, ARM_TYPE_SIZE, "%.*s", (int)length, type);
    return out;
}

void arm_lro_url(struct arm_call *call, const char *id, struct json_object *operation,
                 const char *kind, struct text *url)
{
    char space[ARM_TYPE_SIZE];
    char seed[64];
    struct text target;
    text_init(&target, URL_MAXIMUM);
    text_printf(&target, "/subscriptions/%s", call->path.subscription);
    if (strcmp(kind, "operationresults") != 0) {
        text_printf(&target, "/providers/%s/locations/WESTUS2", namespace_of(call, space));
    }
    snprintf(seed, sizeof(seed), "MII%llx", ticks());
    text_printf(&target, "/%s/%s?api-version=%s&t=%llu&c=", kind, id, call->api_version, ticks());
    add_filler(&target, operation, "MIIHpTCCBo2gAwIBAgIT", CERTIFICATE_LENGTH);
    text_puts(&target, "&s=");
    add_filler(&target, operation, seed, SIGNATURE_LENGTH);
    struct text hash;
    text_init(&hash, URL_MAXIMUM);
    add_hash(&hash, operation, text_string(&target), target.length);
    tree_set_string(operation, "newest", text_string(&hash));
    text_init(url, URL_MAXIMUM);
    text_printf(url, "%s%s&h=%s", call->request->base, text_string(&target), text_string(&hash));
    text_release(&hash);
    text_release(&target);
}

bool arm_lro_url_is_genuine(const struct arm_call *call, struct json_object *operation)
{
    const char *target = call->request->target;
    size_t length = strlen(target);
    static const char mark[] = "&h=";
    if (length < HASH_LENGTH + sizeof(mark)) {
        return false;
    }
    const char *given = target + length - HASH_LENGTH;
    size_t signed_length = length - HASH_LENGTH - (sizeof(mark) - 1);
    struct text hash;
    text_init(&hash, HASH_LENGTH + 1);
    add_hash(&hash, operation, target, signed_length);
    bool newest_only =
        tree_bool(tree_get(call->tree, "arm_switches", NULL), "lro_newest_only", false);
    bool genuine = strncmp(target + signed_length, mark, sizeof(mark) - 1) == 0 &&
                   strcmp(text_string(&hash), given) == 0 &&
                   (!newest_only || strcmp(tree_string(operation, "newest", ""), given) == 0);
    text_release(&hash);
    return genuine;
}
