/* SPDX-License-Identifier: MIT */
/*
 * The DNS records that prove a custom domain: out of the domain resource as ARM gives it
 * (verificationRecords, verificationStates), as a table, as a zone file, as JSON; merged with an
 * SPF record that is there already; compared with what DNS answers. Pure but for
 * records_look_up().
 *
 * Names and values are what DNS can hold in plain ASCII: host names by label (RFC 1035 section
 * 2.3.1, with the '_' of RFC 8552; international names as xn--), texts of printable characters. So
 * nothing that comes out of here can steer a terminal, end a line or leave its quotes.
 */
#ifndef ACS_RECORDS_H
#define ACS_RECORDS_H

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <acsmtp/json.h>

#define RECORDS_MAX 6
#define RECORD_NAME_MAX 254  /* 253 characters of a name (RFC 1035 section 2.3.4), and NUL */
#define RECORD_VALUE_MAX 512 /* what an answer without EDNS could carry, and NUL */

/* What DNS has at a record's name. */
enum record_finding {
    RECORD_NOT_ASKED = 0,
    RECORD_FOUND,         /* as it should be */
    RECORD_MISSING,       /* the name is there, such a record is not */
    RECORD_NO_NAME,       /* the name is not there (NXDOMAIN) */
    RECORD_DIFFERENT,     /* `seen` stands in its place */
    RECORD_CONFLICT,      /* several SPF or DMARC records: receivers heed none */
    RECORD_SERVER_FAILED, /* the name server could not tell (SERVFAIL) */
    RECORD_REFUSED,       /* the name server would not tell (REFUSED, NOTIMP) */
    RECORD_NO_ANSWER      /* none came, or none that could be read */
};

struct record {
    const char *purpose;        /* "Domain", "SPF", "DKIM", "DKIM2", "DMARC"; static text */
    char type[8];               /* "TXT" or "CNAME" */
    char name[RECORD_NAME_MAX]; /* absolute, without a final dot */
    char value[RECORD_VALUE_MAX];
    long ttl;         /* seconds */
    char state[32];   /* of Azure's verification, "" when it tells none */
    char problem[64]; /* its errorCode, "" for none */
    const char *note; /* what to look out for; static text or NULL */
    int is_advice;    /* DMARC: Azure asks for none, receivers do */
    enum record_finding finding;
    char seen[RECORD_VALUE_MAX]; /* what was found, as a zone file would write it (\DDD for what is
                                    not printable); "" for nothing */
};

struct records {
    struct record items[RECORDS_MAX];
    size_t count;
};

/*
 * Read properties.verificationRecords and verificationStates of `domain`, for the domain
 * `domain_name`, in the order in which Azure verifies; then the advice about DMARC unless Azure
 * brings a record of its own. Relative names (DKIM) are completed. Missing members are left out.
 * PROTOCOL when a name or value is none that DNS could hold, or a name lies outside the domain;
 * `records` is empty then.
 */
int records_read(const struct acsmtp_json *domain, const char *domain_name, struct records *records,
                 struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Replace the value of the SPF record by one that keeps all terms of `existing`, with their
 * qualifiers and in their order, and permits what Azure's permits (RFC 7208); `all` stays as it is
 * there, at the end, and only a record without one and without `redirect` gets Azure's. Sets a note
 * when that ends in a way that Azure may refuse. CONFIG when `existing` is no valid SPF record,
 * when Azure asks for none, and when the result would need more than ten look-ups by its own terms
 * or more than 511 characters.
 */
int records_merge_spf(struct records *records, const char *existing,
                      struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Ask DNS for all of them at the same time, and set each one's finding. `server` is
 * ADDRESS[:PORT] or [ADDRESS]:PORT, NULL: the system's. OK as soon as one question was answered,
 * whatever the answer. CONFIG when `server` is no address; TEMPORARY when no answer came at all;
 * CANCELLED or TEMPORARY when the context ends first.
 */
int records_look_up(struct records *records, struct acsmtp_context *context, const char *server,
                    struct acsmtp_error *err) ACSMTP_CHECK;

/* Whether all that Azure asks for was found. */
int records_are_there(const struct records *records);

/* "found", "missing", "no such name", ..., as in the table and in JSON; static text, "" for
 * RECORD_NOT_ASKED. */
const char *record_finding_text(enum record_finding finding);

/*
 * For people; for a name server (RFC 1035 section 5: a part of a zone file with absolute names,
 * where advice is a comment); for machines. NULL and `err` when memory fails; the caller frees.
 */
char *records_format_table(const struct records *records, struct acsmtp_error *err);
char *records_format_zone(const struct records *records, struct acsmtp_error *err);
struct acsmtp_json *records_format_json(const struct records *records, struct acsmtp_error *err);

#endif
