/* SPDX-License-Identifier: MIT */
/*
 * Credential plugins that break the contract, each in the one way that the build chooses, and two
 * that look odd and keep to it: built for a shorter and for a longer ABI 1.
 */
#include "names.h"
#include <stddef.h>
#include <string.h>

#ifndef BAD_MAGIC
#define BAD_MAGIC 0
#endif
#ifndef BAD_MAJOR
#define BAD_MAJOR 0
#endif
#ifndef BAD_TINY
#define BAD_TINY 0
#endif
#ifndef BAD_MISNAMED
#define BAD_MISNAMED 0
#endif
#ifndef BAD_KINDLESS
#define BAD_KINDLESS 0
#endif
#ifndef BAD_ACQUIRELESS
#define BAD_ACQUIRELESS 0
#endif
#ifndef BAD_OPTIONLESS
#define BAD_OPTIONLESS 0
#endif
#ifndef BAD_NOTHING
#define BAD_NOTHING 0
#endif
#ifndef GOOD_LONGER
#define GOOD_LONGER 0
#endif

#ifdef BAD_UNDEFINED
int this_function_exists_nowhere(void);
#endif

static int bad_open(const struct acsmtp_settings *settings, void **instance,
                    struct acsmtp_error *err)
{
    (void)settings;
    (void)err;
    *instance = NULL;
#ifdef BAD_UNDEFINED
    return this_function_exists_nowhere();
#else
    return ACSMTP_OK;
#endif
}

static int bad_acquire(void *instance, struct acsmtp_context *context,
                       const struct acsmtp_credential_request *request,
                       struct acsmtp_credential *out, struct acsmtp_error *err)
{
    (void)instance;
    (void)context;
    (void)request;
    (void)out;
    (void)err;
    return ACSMTP_UNAVAILABLE;
}

static void bad_close(void *instance)
{
    (void)instance;
}

/* A later ABI 1 may have more behind the end, here one more pointer that this host must not see. */
struct longer_ops {
    struct acsmtp_credential_ops ops;
    void *more;
};

static const struct longer_ops bad_ops = {
    .ops =
        {
            .size = GOOD_LONGER ? sizeof(struct longer_ops) : sizeof(struct acsmtp_credential_ops),
            .open = bad_open,
            .acquire = BAD_ACQUIRELESS ? NULL : bad_acquire,
            .close = bad_close,
        },
    .more = NULL,
};

struct longer_option {
    struct acsmtp_option option;
    const char *more;
};

static const struct longer_option bad_options[] = {
    {{.name = BAD_OPTIONLESS ? NULL : "first", .type = ACSMTP_STRING, .summary = "One."}, "x"},
#ifdef BAD_TWICE
    {{.name = "first", .type = ACSMTP_STRING, .summary = "Two."}, "y"},
#else
    {{.name = "second", .type = ACSMTP_INTEGER, .summary = "Two."}, "y"},
#endif
};

struct longer_plugin {
    struct acsmtp_plugin plugin;
    void *more;
};

static const struct longer_plugin described = {
    .plugin =
        {
            .magic = BAD_MAGIC ? 42 : ACSMTP_ABI_MAGIC,
            .abi_major = BAD_MAJOR ? 2 : ACSMTP_ABI_MAJOR,
            .abi_minor = GOOD_LONGER ? 7 : ACSMTP_ABI_MINOR,
#ifdef GOOD_SHORT
            .size = offsetof(struct acsmtp_plugin, transport),
#else
            .size = BAD_TINY ? 40
                    : GOOD_LONGER ? sizeof(struct longer_plugin)
                                  : sizeof(struct acsmtp_plugin),
#endif
            .kind = BAD_KINDLESS ? 99 : ACSMTP_KIND_CREDENTIAL,
            .threads = GOOD_LONGER ? 9 : ACSMTP_THREADS_ANY,
            .name = BAD_MISNAMED ? "somebody-else" : PLUGIN_NAME,
            .version = "1.0",
            .summary = "Breaks or stretches the contract.",
            .options = &bad_options[0].option,
            .option_count = 2,
            .option_size = sizeof(struct longer_option),
            .credential = &bad_ops.ops,
#ifdef GOOD_SHORT
            /* Behind the end of a short descriptor is whatever memory holds. */
            .transport = (const struct acsmtp_transport_ops *)(const void *)&bad_ops,
#endif
        },
    .more = NULL,
};

#define JOIN(module, rest) module##rest
#define ENTRY_OF(module, rest) JOIN(module, rest)
#ifdef BAD_ENTRYLESS
#define ENTRY ENTRY_OF(PLUGIN_MODULE, _something)
#else
#define ENTRY ENTRY_OF(PLUGIN_MODULE, _LTX_acsmtp_plugin)
#endif

const struct acsmtp_plugin *ENTRY(void);
__attribute__((visibility("default"))) const struct acsmtp_plugin *ENTRY(void)
{
    return BAD_NOTHING ? NULL : &described.plugin;
}
