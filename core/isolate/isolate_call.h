/* SPDX-License-Identifier: MIT */
/*
 * One call to a plugin in another process: sent, its questions answered, its return read; and the
 * end of the process when any of that goes wrong.
 */
#ifndef ISOLATE_CALL_H
#define ISOLATE_CALL_H

#include "channel.h"
#include "isolate.h"
#include "isolate_child.h"
#include "protocol.h"
#include "wire.h"
#include <acsmtp/store.h>
#include <pthread.h>

/* What a plugin says of itself. */
struct isolate_descriptor {
    struct isolate_descriptor *next; /* of those that are kept until the process ends */
    int is_kept;
    char *name;
    struct acsmtp_secret *payload; /* the texts of `loaded` are in it, */
    const char **values;           /* and the lists of its options' values here */
    struct loaded *loaded;
};

struct isolate {
    char *path, *name;
    int kind;
    char **arguments, **environment; /* of the processes */
    int has_input;                   /* they read the standard input of this one */
    pthread_mutex_t lock;
    struct isolate_child *first; /* told us the descriptor and waits for the first instance */
    struct isolate_descriptor *descriptor;
};

/* A credential that a nested chain gave, as it was given: a verdict is about that one. */
struct isolate_given {
    struct isolate_given *next;
    char *option;
    struct acsmtp_credential *credential;
};

struct isolate_instance {
    struct isolate *isolate;
    const struct acsmtp_settings *settings;
    struct isolate_child *child; /* NULL: ended; the next piece of work starts another */
    struct isolate_given *given;
};

struct isolate_call {
    struct isolate *isolate;
    struct isolate_child **child;           /* becomes NULL when the process is ended */
    const struct acsmtp_settings *settings; /* NULL while there are none */
    struct isolate_given **given;
    struct acsmtp_context *context;
    int64_t until;    /* monotonic milliseconds; INT64_MAX: as long as it takes */
    int64_t grace_ms; /* to end well once that is over, or the work is cancelled; 0: as usual */
    int cancelled;    /* the plugin was told */
    size_t lines;     /* what came without being asked for */
    struct acsmtp_store *stores[ISOLATE_STORES_MAX];

    const struct acsmtp_mail *mails; /* of a send */
    size_t mail_count;
    unsigned char *read_whole; /* by mail: its message was read to its end */

    const struct acsmtp_finding_sink *sink;           /* of a diagnosis */
    const struct acsmtp_provision_observer *observer; /* of a provisioner; NULL: nobody watches */
    size_t steps;                                     /* that it was told of */
    acsmtp_writer write;                              /* of a composer, with its data */
    void *write_data;
    int write_status; /* what the writer returned, if not OK */
};

/* A call that is nobody's work: loading, opening and closing. Its context is the caller's to free.
 */
int isolate_call_start(struct isolate *isolate, struct isolate_child **child,
                       struct isolate_call *call, struct acsmtp_error *err);

/* A call's payload, with the scope before it if that is wanted. */
struct wire_writer isolate_call_begin(struct isolate_call *call, int with_scope);

/*
 * Send it and stay with it to its return; `result` has what the call gives. What goes wrong with
 * the process is a failure whose class its kind gives, and whose code begins with "isolated_".
 */
int isolate_call_run(struct isolate_call *call, uint32_t type, const struct wire_writer *writer,
                     struct wire_reader *result, struct acsmtp_error *err);

/* The socket, with the call's own end of patience. */
struct channel isolate_call_channel(struct isolate_call *call);

/* Send something that has no return. */
int isolate_call_tell(struct isolate_call *call, uint32_t type, const struct wire_writer *writer,
                      struct acsmtp_error *err);

/* End the process for what it did; `err` gets `problem` as isolate_call_run() tells it. */
int isolate_call_end(struct isolate_call *call, const struct acsmtp_error *problem,
                     struct acsmtp_error *err);

/* A result that cannot be read is the end of the process, like a frame that cannot. */
int isolate_call_check(struct isolate_call *call, const struct wire_reader *result,
                       const char *what, struct acsmtp_error *err);

/*
 * What the plugin asks or tells, in child->in: done, and if it is a question answered. PROTOCOL
 * when it is neither.
 */
int isolate_answer(struct isolate_call *call, uint32_t type, struct acsmtp_error *err);

/* The environment of a plugin's processes, for the caller to free(3) in one piece. */
char **isolate_environment(const struct isolate_policy *policy);

/* Let the process load the plugin; the descriptor as it stands in its payload until the next call.
 */
int isolate_describe(struct isolate *isolate, struct isolate_child **child,
                     struct wire_reader *description, struct acsmtp_error *err);

/* Ask the first process for the descriptor, and judge it. */
int isolate_learn_descriptor(struct isolate *isolate, struct acsmtp_error *err);
/* Unless it is kept. */
void isolate_release_descriptor(struct isolate_descriptor *descriptor);

/* ---- instances ---- */

int isolate_instance_open(const struct acsmtp_settings *settings, void **instance,
                          struct acsmtp_error *err);
void isolate_instance_close(void *instance);
/* A process for a new piece of work: the one there is, or another. */
int isolate_instance_revive(struct isolate_instance *instance, struct acsmtp_error *err);
struct isolate_call isolate_instance_call(struct isolate_instance *instance,
                                          struct acsmtp_context *context);

/* The operations of each kind, without those that the plugin does not have. */
void isolate_credential_ops(uint32_t has, struct acsmtp_credential_ops *ops);
void isolate_transport_ops(uint32_t has, uint32_t accepts, struct acsmtp_transport_ops *ops);
void isolate_composer_ops(struct acsmtp_composer_ops *ops);
void isolate_keyring_ops(struct acsmtp_keyring_ops *ops);
void isolate_provisioner_ops(uint32_t has, struct acsmtp_provisioner_ops *ops);

#endif
