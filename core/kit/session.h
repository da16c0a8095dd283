/* SPDX-License-Identifier: MIT */
/*
 * One instance of the plugin and its life: operations are run on it one by one, and every one is
 * held to what the contract says of all of them.
 */
#ifndef SESSION_H
#define SESSION_H

#include "probe.h"
#include "subject.h"
#include <acsmtp/credential.h>
#include <acsmtp/error.h>

enum { SESSION_TIMEOUT_MS = 30000 };

/* Where an instance stands; what may be called next follows from it. */
enum session_state {
    STATE_OPEN = 1,
    STATE_PROBED = 2,    /* probe() was called, or may not be any more */
    STATE_HOLDS = 4,     /* a credential was given */
    STATE_CONNECTED = 8, /* a transport's session stands */
    STATE_TRIED = 16,    /* connect() was called: disconnect() has to be */
    STATE_GONE = 32,     /* a keyring's entry, a deployment was removed */
    STATE_TOUCHED = 64,  /* apply() was called: something of it may be there */
    STATE_MADE = 128,    /* apply() has succeeded, and what it made stands */
    STATE_LOST = 256     /* apply() has failed */
};

struct session {
    const struct subject *subject;
    struct acsmtp_settings *settings;
    void *instance;
    unsigned number;    /* tells it from all other sessions of this process */
    unsigned state;     /* enum session_state, or-ed */
    struct probe probe; /* its plan (cancel_at, fail_at, script) is set by the check beforehand */
    int64_t timeout_ms; /* of each operation's context; below 0: none */
    int without_probe;  /* the life begins behind probe() */
    int was_open;       /* open() has succeeded */
    int cancelled;      /* contexts are cancelled before the operation begins */

    struct acsmtp_credential *credential; /* what acquire() gave last */
    char *shown_empty, *shown_made; /* by show(), before apply() and after it; NULL: nothing yet */
    int last_status;                /* of the last operation that has one */
    const char *last_name;
    struct acsmtp_error last_error;
};

/* An operation that can be called on an instance. */
struct operation {
    const char *name;
    unsigned needs, forbids; /* states: all of these, none of those */
    unsigned sets, clears;   /* always */
    unsigned sets_ok;        /* when it succeeds */
    unsigned clears_ok;
    unsigned clears_failed;   /* when it fails */
    unsigned undoes;          /* called before close() while one of these stands */
    int is_silent;            /* it returns nothing: what was last is still what counts */
    enum contract_rule stays; /* what says that it does without network and other programs */
    int (*offered)(const struct acsmtp_plugin *plugin); /* NULL: by every plugin */
    int (*run)(struct session *session, struct acsmtp_context *context, struct acsmtp_error *err);
};

/* The operations of a kind, ended by one without a name, and the walk through a whole life: their
 * indices, ended by -1. */
struct kind_operations {
    const struct operation *operations;
    const int *life;
    const int *together; /* the life of one instance under many threads; NULL: it is one thread's */
    unsigned depth;      /* how many operations are tried in every order */
    int (*open)(const struct acsmtp_plugin *plugin, const struct acsmtp_settings *settings,
                void **instance, struct acsmtp_error *err);
    void (*close)(const struct acsmtp_plugin *plugin, void *instance);
};

const struct kind_operations *kind_operations(int kind);
extern const struct kind_operations credential_operations, transport_operations,
    composer_operations, provisioner_operations, keyring_operations;

/* Make settings for instance 0 or 1. -1 with the verdict (a skip where none can be made). */
int session_init(struct session *session, const struct subject *subject, unsigned instance);

/* Call open(). Its status; what it must not do is a verdict. */
int session_open(struct session *session);

int session_may(const struct session *session, const struct operation *operation);

/* Call one operation that may be called, and look at what it did. Its status. */
int session_run(struct session *session, const struct operation *operation);

/* Call close() if it was opened, disconnect() before where it is due. */
void session_close(struct session *session);

/* Free what the operations have given. */
void session_forget(struct session *session);

/* close(), and free what is ours. */
void session_release(struct session *session);

/* From open() to close(), through the life of its kind, until something fails. The last status. */
int session_live(struct session *session);

#endif
