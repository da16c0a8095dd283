/* SPDX-License-Identifier: MIT */
/*
 * The parts of struct acsmtp_message: where its bytes are (source), what was learnt in one pass
 * over them (scan), and how a header field is left out while they are read (filter).
 */
#ifndef MESSAGE_PRIVATE_H
#define MESSAGE_PRIVATE_H

#include <acsmtp/message.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define MESSAGE_CHUNK 16384
#define MESSAGE_HEADER_MAX (256U * 1024U) /* fields behind this are not looked up */
#define MESSAGE_MEMORY_MAX (256U * 1024U) /* of a stream; the rest goes to a file */
#define MESSAGE_LINE_MAX 998              /* RFC 5322 section 2.1.1 */

/* ---- source ---- */

/* The file as it was when it was scanned. */
struct message_identity {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

/* Bytes that somebody else has: `got` is 0 at the end only. */
struct message_reader {
    int (*read)(void *data, int64_t offset, void *buffer, size_t capacity, size_t *got,
                struct acsmtp_error *err);
    void *data;
};

struct message_source {
    struct message_reader reader; /* its `read` is NULL unless there is one */
    char *memory;                 /* or NULL */
    char *path;                   /* of a file that is opened for each reading, or NULL */
    int fd;                       /* -1 while closed */
    int64_t start, size;
    struct message_identity identity;
};

void source_init(struct message_source *source);
void source_release(struct message_source *source);
int source_from_path(struct message_source *source, const char *path, struct acsmtp_error *err);
int source_from_fd(struct message_source *source, int fd, struct acsmtp_error *err);
int source_from_memory(struct message_source *source, const void *bytes, size_t size,
                       struct acsmtp_error *err);

/* Opens a path again and makes sure that it is the same file still. */
int source_open(struct message_source *source, struct acsmtp_error *err);
void source_close(struct message_source *source);

/* *got is 0 at the end and `capacity` or less else. */
int source_read(struct message_source *source, int64_t offset, void *buffer, size_t capacity,
                size_t *got, struct acsmtp_error *err);

/* ---- scan ---- */

struct message_scan {
    int64_t size;        /* with CRLF at every line's end */
    int64_t header_size; /* source bytes up to the empty line or the end */
    int64_t line;        /* bytes of the line so far */
    unsigned first_line; /* what the first line has been so far; enum in message_scan.c */
    int in_header, after_cr;
    int header_8bit, body_8bit, header_long, body_long, nul;
};

void scan_init(struct message_scan *scan);
void scan_feed(struct message_scan *scan, const char *bytes, size_t size);
void scan_finish(struct message_scan *scan);
/* Whether it begins with a header field. */
int scan_has_header(const struct message_scan *scan);

/* ---- filter ---- */

#define FILTER_HELD_MAX 128

struct message_filter {
    char name[64]; /* "": nothing is left out */
    int state;
    int dropping; /* the field at hand is left out */
    int after_cr;
    char last;                  /* the byte that came out last */
    char held[FILTER_HELD_MAX]; /* the line so far, while it may yet be the field */
    size_t held_size;
};

int filter_init(struct message_filter *filter, const char *name);
void filter_restart(struct message_filter *filter);
/* What comes out for one byte: up to FILTER_HELD_MAX bytes into `out`. */
size_t filter_step(struct message_filter *filter, char byte, char *out);
/* What is still held at the end. */
size_t filter_end(struct message_filter *filter, char *out);
/* Whether everything passes from here on. */
int filter_in_body(const struct message_filter *filter);

/* ---- message ---- */

struct acsmtp_message {
    struct message_source source;
    struct message_scan scan; /* of the source as it is */
    int64_t size;             /* these three without the omitted field */
    int header_8bit, header_long;
    int64_t offset; /* of the next byte to read */
    struct message_filter filter;
    char pending[FILTER_HELD_MAX]; /* left the filter and did not fit into the reader's buffer */
    size_t pending_at, pending_size;
    int ended;
};

/* ---- a message in another process ---- */

/* What is known of a message without reading it. */
struct message_summary {
    int64_t source_size, header_size; /* of the source as it is */
    int64_t scanned_size, size;       /* with CRLF; without the omitted field */
    unsigned flags;                   /* enum acsmtp_message_flag, or-ed; */
    unsigned header_flags;            /* of these, what is the header's own */
    const char *omitted;              /* a header field, "" for none; borrowed */
};
void message_summarize(const struct acsmtp_message *message, struct message_summary *summary);
/* Some of the source's bytes, as it was when it was scanned. */
int message_read_source(struct acsmtp_message *message, int64_t offset, void *buffer,
                        size_t capacity, size_t *got, struct acsmtp_error *err);
/* The same message, elsewhere: its bytes come through `reader`, which outlives it. */
int message_from_reader(const struct message_summary *summary, const struct message_reader *reader,
                        struct acsmtp_message **message, struct acsmtp_error *err);

#endif
