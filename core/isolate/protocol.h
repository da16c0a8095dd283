/* SPDX-License-Identifier: MIT */
/*
 * What goes over the socket between the host and the process of an isolated plugin.
 *
 *	host                                   plugin's process
 *	CALL_ACQUIRE  ------------------------>  the plugin's acquire() runs
 *	              <------------------------  HOST_CREDENTIAL (it asks its nested chain)
 *	ANSWER        ------------------------>
 *	              <------------------------  HOST_LOG (nobody answers)
 *	              <------------------------  RETURN
 *
 * A frame is its type and the length of its payload (uint32_t each, in the machine's own order:
 *both ends run on it), and the payload. One call is under way at a time, and within it one question
 *of the plugin; so an answer needs no number. Neither side believes the other: the child is
 *isolated because it is not trusted, and a host that is confused must not confuse the child.
 */
#ifndef ISOLATE_PROTOCOL_H
#define ISOLATE_PROTOCOL_H

/* Host and program must be of one build: told by the first argument of the program. */
#define ISOLATE_PROTOCOL "3"

#define ISOLATE_CHANNEL_FD 3 /* the frames */
#define ISOLATE_CONTROL_FD 4 /* ISOLATE_CANCEL bytes; its end is the end of the plugin */
#define ISOLATE_CANCEL 'c'

#define FRAME_MAX (2U * 1024U * 1024U) /* bytes of a payload */

enum frame_type {
    /* Host to child. Each but the two marked ones ends with FRAME_RETURN. */
    CALL_DESCRIBE = 1,    /* kind, name, path: the plugin's descriptor */
    CALL_OPEN = 2,        /* settings, variables: those of secrets without their values */
    CALL_CLOSE = 3,       /* */
    CALL_PROBE = 4,       /* scope */
    CALL_ACQUIRE = 5,     /* scope, request: a credential */
    CALL_REPORT = 6,      /* scope, verdict */
    CALL_LOOK = 7,        /* scope: the option whose chain would be asked, or none */
    CALL_FORGET = 8,      /* scope */
    CALL_CONNECT = 9,     /* scope, username, credential */
    CALL_MAIL = 10,       /* no return: envelope without recipients, message; of the next send */
    CALL_RECIPIENTS = 11, /* no return: some more recipients of the last mail */
    CALL_SEND = 12,       /* scope: sends the mails that were told */
    CALL_DISCONNECT = 13, /* scope */
    CALL_DIAGNOSE = 14,   /* scope */
    CALL_COMPOSE = 15,    /* scope, draft */
    CALL_GET = 16,        /* scope, name: a secret */
    CALL_SET = 17,        /* scope, name, secret */
    CALL_REMOVE = 18,     /* scope, name */
    CALL_PLAN = 19,       /* scope, request of a provisioner: a result; so do the next six */
    CALL_APPLY = 20,
    CALL_SHOW = 21,
    CALL_VERIFY = 22,
    CALL_ROTATE = 23,
    CALL_DESTROY = 24,
    CALL_EXPORT = 25,
    CALL_DIAGNOSE_PROVIDER = 26, /* scope, request of a diagnosis */
    FRAME_ANSWER = 32,           /* to what the plugin asked: outcome, and what was asked for */

    /* Child to host. */
    FRAME_RETURN = 64,      /* of a call: outcome, and what the call gives */
    HOST_LOG = 65,          /* no answer: level, line */
    HOST_FINDING = 66,      /* no answer: a finding of diagnose */
    HOST_RESULT = 67,       /* no answer: mail, recipient (or RESULT_OF_MESSAGE), reply */
    HOST_VERDICT = 68,      /* no answer: option, verdict, on its nested chain's credential */
    HOST_SECRET = 69,       /* limit, option: a secret, or none */
    HOST_CREDENTIAL = 70,   /* limit, option, request: a credential of the nested chain */
    HOST_STORE_OPEN = 71,   /* limit, key: a handle */
    HOST_STORE_GET = 72,    /* handle: a secret */
    HOST_STORE_SET = 73,    /* handle, secret */
    HOST_STORE_REMOVE = 74, /* handle */
    HOST_STORE_CLOSE = 75,  /* no answer: handle */
    HOST_READ = 76,         /* mail, offset, capacity: bytes of the message */
    HOST_WRITE = 77,        /* bytes of what is being composed */
    HOST_STEP = 78          /* no answer: a step of a provisioner as it stands now */
};

#define RESULT_OF_MESSAGE 0xffffffffU

#define ISOLATE_OPTIONS_MAX 256 /* of one plugin */
#define ISOLATE_TEXT_MAX 8192   /* bytes of a name, an address, a line */
#define ISOLATE_ITEMS_MAX 256   /* elements of a list */
#define ISOLATE_HIDDEN_MAX 512  /* files and folders that it may not read */
#define ISOLATE_MAILS_MAX 100000
#define ISOLATE_READ_MAX 65536             /* bytes of a message at once */
#define ISOLATE_LINES_MAX 50000            /* log lines and findings of one call: more is a flood */
#define ISOLATE_STORES_MAX 8               /* open at once */
#define ISOLATE_STEPS_MAX 50000            /* changes of steps in one operation: more is a flood */
#define ISOLATE_RESULT_MAX (1024U * 1024U) /* bytes of a provisioner's result, as JSON */

/* Which optional operations a plugin has, by bit, in the order of its kind's structure. */
enum isolate_has {
    HAS_PROBE = 1,
    HAS_REPORT = 2,
    HAS_LOOK = 4,
    HAS_FORGET = 8,
    HAS_DIAGNOSE = 16,
    HAS_VERIFY = 32,
    HAS_ROTATE = 64,
    HAS_DESTROY = 128,
    HAS_EXPORT = 256
};

/* What an entry's "allow" lifts; as bits, and written in decimal in the program's second argument.
 */
enum isolate_allow {
    ALLOW_EXEC = 1,    /* run other programs, which read and write what the user may */
    ALLOW_KEYRING = 2, /* the kernel's keyrings */
    ALLOW_STDIN = 4,   /* the standard input of the host */
    ALLOW_SOCKETS = 8, /* sockets of this machine (AF_UNIX): other programs of the user's */
    ALLOW_ALL = 15
};

#endif
