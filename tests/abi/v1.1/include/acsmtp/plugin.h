/* SPDX-License-Identifier: MIT */
/*
 * The contract between acsmtp and its plugins. A plugin author starts here.
 *
 * One shared object is one plugin. It exports one function, made by ACSMTP_PLUGIN(), that returns
 * one constant descriptor. The descriptor stands at the bottom of the plugin's file:
 *
 *	static const struct acsmtp_credential_ops example_ops = {
 *		.size = sizeof example_ops,
 *		.open = example_open,
 *		.acquire = example_acquire,
 *		.close = example_close,
 *	};
 *
 *	ACSMTP_PLUGIN(example) = {
 *		ACSMTP_PLUGIN_HEAD(ACSMTP_KIND_CREDENTIAL),
 *		.name = "example", .version = "1.0", .summary = "...",
 *		ACSMTP_PLUGIN_OPTIONS(example_options),
 *		.credential = &example_ops,
 *	};
 *
 * Life of a credential plugin (transports and composers alike, with their own work in the middle):
 *
 *	load       the entry function is called; it has no effects, so listing plugins is harmless
 *	 |
 *	open       settings are complete and checked; no network, no waiting; makes the instance
 *	 |
 *	probe      optional, once, only inside a chain: is there any point in asking?
 *	 |
 *	acquire <------+   asks for a credential; may use the network and wait, within the deadline
 *	 |             |
 *	report --------+   what became of it: accepted, or refused (the next acquire has REFRESH)
 *	 |
 *	close      frees the instance; also called when probe or acquire failed
 *
 * Rules
 *  - State lives in the instance that open() makes, never in globals: one plugin can stand twice in
 *    a chain, with different settings.
 *  - Every operation returns enum acsmtp_status and describes a failure in `err`. The class decides
 *    what happens next; see error.h. Plugins never print and never exit; acsmtp_log() is allowed.
 *  - Pointers that come in are borrowed for the call. What must be kept is copied. Settings live
 *    until close() returns.
 *  - The deadline of the context is a promise to the user: hand the context to every service.
 *  - Threads: see enum acsmtp_threads.
 *  - Host services are ordinary functions of libacsmtp (settings, secrets, JSON, tokens, processes)
 *    and of libacsmtp-http, libacsmtp-smtp and libacsmtp-jwt. Link what you use, with -Wl,-z,defs
 *    -Wl,-z,now.
 *
 * Promise: a plugin built for ABI 1.x loads and works with every later acsmtp whose major is 1.
 * Structures grow only at their end and carry their size; both sides use the smaller of the two.
 * ACSMTP_HAS() asks which that was. The whole of it: README.md beside this file.
 */
#ifndef ACSMTP_PLUGIN_H
#define ACSMTP_PLUGIN_H

#include <acsmtp/abi.h>
#include <acsmtp/context.h>
#include <acsmtp/credential.h>
#include <acsmtp/diagnose.h>
#include <acsmtp/error.h>
#include <acsmtp/keyring.h>
#include <acsmtp/message.h>
#include <acsmtp/provision.h>
#include <acsmtp/secret.h>
#include <acsmtp/settings.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ACSMTP_ABI_MAGIC 0x31504d5453434143ULL /* "CACSTMP1", as bytes on disk */
#define ACSMTP_ABI_MAJOR 1
#define ACSMTP_ABI_MINOR 1 /* 1: provisioners (provision.h), keyrings (keyring.h) */

enum acsmtp_kind {
    ACSMTP_KIND_CREDENTIAL = 1,
    ACSMTP_KIND_TRANSPORT = 2,
    ACSMTP_KIND_COMPOSER = 3,
    ACSMTP_KIND_PROVISIONER = 4,
    ACSMTP_KIND_KEYRING = 5
};

/* What the plugin promises about threads; the host keeps to it. 0 is the safest. */
enum acsmtp_threads {
    ACSMTP_THREADS_ONE = 0, /* one call into this plugin at a time, in the whole process */
    ACSMTP_THREADS_INSTANCE =
        1,                 /* one call into an instance at a time; instances are independent */
    ACSMTP_THREADS_ANY = 2 /* any call at any time */
};

/*
 * Credential: where a token or a password comes from.
 *
 * open     UNAVAILABLE when the settings say that this source does not apply (nothing configured).
 * probe    quick (a chain gives it 1 s): OK, or UNAVAILABLE with the reason. May be NULL.
 * acquire  fills `out` with one of the two setters of credential.h, or fails:
 *          UNAVAILABLE  this source does not exist here (no IMDS, program not installed, not
 *                       logged in)
 *          DENIED       the identity was refused (wrong secret, no permission)
 *          TEMPORARY    throttled, unreachable, timed out; err->retry_after if it was told
 *          CONFIG, PROTOCOL, CANCELLED, SYSTEM as their names say
 * report   the verdict on the credential that acquire() gave last. May be NULL.
 *
 * look     what acquire() would do, as far as that can be told at once, without network and without
 *          other programs: OK, or UNAVAILABLE with the reason. *chain is NULL, or becomes the name
 *          of the ACSMTP_CHAIN option that would be asked where there are several. May be NULL.
 *          Since ABI 1.1.
 * forget   since ABI 1.1: the user logs out; remove what this instance keeps with store.h.
 *          UNAVAILABLE when there was nothing. May be NULL.
 */
struct acsmtp_credential_ops {
    uint32_t size; /* sizeof(struct acsmtp_credential_ops) */
    int (*open)(const struct acsmtp_settings *settings, void **instance, struct acsmtp_error *err);
    int (*probe)(void *instance, struct acsmtp_context *context, struct acsmtp_error *err);
    int (*acquire)(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_credential_request *request, struct acsmtp_credential *out,
                   struct acsmtp_error *err);
    void (*report)(void *instance, struct acsmtp_context *context,
                   const struct acsmtp_verdict *verdict);
    void (*close)(void *instance);
    int (*look)(void *instance, struct acsmtp_context *context, const char **chain,
                struct acsmtp_error *err);
    int (*forget)(void *instance, struct acsmtp_context *context, struct acsmtp_error *err);
};

/*
 * Transport: where mails go.
 *
 * accepts     enum acsmtp_credential_kind, or-ed: the driver takes the first transport of a profile
 *             that accepts the kind of credential that was obtained. With ACSMTP_CREDENTIAL_NONE
 *             among them the driver asks no credential source at all.
 * connect     reaches the server and shows it the credential. `username` is the profile's or the
 *             credential's, NULL if there is none. DENIED when the server refuses it: nothing was
 *             sent, and the driver may come again with a fresh credential after disconnect().
 * send        hands over `count` mails in order, over one connection; fills every mail's result as
 *             far as it gets. OK when the dialogue went to its end, however the server decided
 *             about each mail; a failure means that the session is over, and mails whose result
 *             says ACSMTP_NOT_TRIED may be tried on a new one.
 * disconnect  polite end of the session. Called after every connect(), also a failed one.
 * diagnose    looks at the way to the server up to the login and tells what it finds; OK when it
 *             came to the end of its checks, however they ended. May be NULL. Since ABI 1.1.
 */
struct acsmtp_transport_ops {
    uint32_t size; /* sizeof(struct acsmtp_transport_ops) */
    uint32_t accepts;
    int (*open)(const struct acsmtp_settings *settings, void **instance, struct acsmtp_error *err);
    int (*connect)(void *instance, struct acsmtp_context *context, const char *username,
                   const struct acsmtp_credential *credential, struct acsmtp_error *err);
    int (*send)(void *instance, struct acsmtp_context *context, const struct acsmtp_mail *mails,
                size_t count, struct acsmtp_error *err);
    void (*disconnect)(void *instance, struct acsmtp_context *context);
    void (*close)(void *instance);
    int (*diagnose)(void *instance, struct acsmtp_context *context,
                    const struct acsmtp_finding_sink *sink, struct acsmtp_error *err);
};

/* One attachment or inline image of a draft: a file that is read while composing. */
struct acsmtp_attachment {
    uint32_t size;            /* sizeof(struct acsmtp_attachment) */
    const char *path;         /* file to read */
    const char *name;         /* name to show, NULL: the last part of the path */
    const char *content_type; /* "image/png", NULL: guessed */
    const char *content_id;   /* not NULL: an inline part that HTML refers to as cid:... */
};

/*
 * What a message is composed from. Texts are UTF-8, NULL when absent. Address fields hold RFC 5322
 * lists, a non-ASCII display name written as it is. A composer refuses CR, LF and NUL in any of
 * them.
 */
struct acsmtp_draft {
    uint32_t size; /* sizeof(struct acsmtp_draft) */
    const char *from, *to, *cc, *bcc, *reply_to;
    const char *subject;
    const char *date;       /* RFC 5322 date, NULL: now, or SOURCE_DATE_EPOCH */
    const char *message_id; /* without brackets, NULL: made */
    const char *text, *html;
    const char *const *headers; /* further "Name: value" lines */
    size_t header_count;
    const struct acsmtp_attachment *attachments;
    size_t attachment_count;
    uint32_t attachment_size; /* sizeof one element: the array's stride */
};

/* Receives a composed message piece by piece. A status other than 0 ends the work and is returned.
 */
typedef int (*acsmtp_writer)(void *data, const void *bytes, size_t size, struct acsmtp_error *err);

/*
 * Composer: makes an RFC 5322 message with CRLF line ends from a draft. Bcc is never written.
 * REJECTED when the draft cannot become a message (a bad address, a line break in a subject, an
 * attachment that cannot be read).
 */
struct acsmtp_composer_ops {
    uint32_t size; /* sizeof(struct acsmtp_composer_ops) */
    int (*open)(const struct acsmtp_settings *settings, void **instance, struct acsmtp_error *err);
    int (*compose)(void *instance, struct acsmtp_context *context, const struct acsmtp_draft *draft,
                   acsmtp_writer write, void *data, struct acsmtp_error *err);
    void (*close)(void *instance);
};

/* Provisioner: makes what sending needs at a provider; the contract is in provision.h. */

/* The descriptor. The first five fields never change their place. */
struct acsmtp_plugin {
    uint64_t magic; /* ACSMTP_ABI_MAGIC */
    uint16_t abi_major, abi_minor;
    uint32_t size; /* sizeof(struct acsmtp_plugin) */
    int32_t kind;  /* enum acsmtp_kind */

    uint32_t threads;    /* enum acsmtp_threads */
    const char *name;    /* as in the config and as the file is called: [a-z0-9][a-z0-9-]* */
    const char *version; /* of the plugin */
    const char *summary; /* one sentence */
    const struct acsmtp_option *options;
    uint32_t option_count;
    uint32_t option_size; /* sizeof one element: the table's stride */

    /* The operations of the plugin's kind; the others are NULL. */
    const struct acsmtp_credential_ops *credential;
    const struct acsmtp_transport_ops *transport;
    const struct acsmtp_composer_ops *composer;
    const struct acsmtp_provisioner_ops *provisioner; /* since ABI 1.1 */
    const struct acsmtp_keyring_ops *keyring;         /* since ABI 1.1 */
};

#define ACSMTP_PLUGIN_HEAD(plugin_kind)                                                            \
    .magic = ACSMTP_ABI_MAGIC, .abi_major = ACSMTP_ABI_MAJOR, .abi_minor = ACSMTP_ABI_MINOR,       \
    .size = sizeof(struct acsmtp_plugin), .kind = (plugin_kind)

#define ACSMTP_PLUGIN_OPTIONS(table)                                                               \
    .options = (table), .option_count = sizeof(table) / sizeof((table)[0]),                        \
    .option_size = sizeof((table)[0])

/* The type of the entry function, and its name without the module's prefix. */
typedef const struct acsmtp_plugin *(*acsmtp_plugin_entry)(void);
#define ACSMTP_PLUGIN_ENTRY "acsmtp_plugin"

/*
 * Defines the entry function and begins the descriptor. `module` is the plugin's name with '-'
 * written as '_': libltdl derives the symbol <module>_LTX_acsmtp_plugin from the file's name, so
 * that several plugins can also be linked into one program. In C++ (20, for the names of the
 * fields) the descriptor is hidden where it is static in C, which cannot be declared twice there.
 */
#ifdef __cplusplus
#define ACSMTP_PLUGIN_LINKAGE extern "C"
#define ACSMTP_PLUGIN_SCOPE extern "C" __attribute__((visibility("hidden")))
#define ACSMTP_PLUGIN_DESCRIPTOR const struct acsmtp_plugin
#else
#define ACSMTP_PLUGIN_LINKAGE
#define ACSMTP_PLUGIN_SCOPE static
#define ACSMTP_PLUGIN_DESCRIPTOR static const struct acsmtp_plugin
#endif
#define ACSMTP_PLUGIN(module)                                                                      \
    ACSMTP_PLUGIN_SCOPE const struct acsmtp_plugin module##_plugin;                                \
    ACSMTP_PLUGIN_LINKAGE const struct acsmtp_plugin *module##_LTX_acsmtp_plugin(void);            \
    ACSMTP_PLUGIN_LINKAGE __attribute__((visibility("default")))                                   \
    const struct acsmtp_plugin *module##_LTX_acsmtp_plugin(void)                                   \
    {                                                                                              \
        return &module##_plugin;                                                                   \
    }                                                                                              \
    ACSMTP_PLUGIN_DESCRIPTOR module##_plugin

#ifdef __cplusplus
}
#endif

#endif
