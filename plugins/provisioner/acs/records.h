/* SPDX-License-Identifier: MIT */
/*
 * The DNS records that prove a custom domain: out of the domain resource as ARM gives it
 * (verificationRecords, verificationStates), as a table, as a zone file, as JSON; merged with an
 * SPF record that is there already; compared with what public DNS answers. Pure but for
 * records_look_up().
 */
#ifndef ACS_RECORDS_H
#define ACS_RECORDS_H

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <acsmtp/json.h>

#define RECORDS_MAX 6

struct record {
    const char *purpose; /* "Domain", "SPF", "DKIM", "DKIM2", "DMARC" (advice) */
    char type[8];        /* "TXT" or "CNAME" */
    char name[256];      /* absolute, without a final dot */
    char value[512];
    long ttl;         /* seconds */
    char state[32];   /* of Azure's verification, "" when it tells none */
    char problem[64]; /* its errorCode, "" for none */
    int is_advice;    /* DMARC: Azure asks for none, receivers do */
    int is_checked;   /* look_up() has asked */
    int is_there;     /* and found it */
    char seen[512];   /* what was found in its place; "" for nothing */
};

struct records {
    struct record items[RECORDS_MAX];
    size_t count;
};

/* PROTOCOL when a name or value is none that DNS could hold. Missing members are left out. */
int records_read(const struct acsmtp_json *domain, const char *domain_name, struct records *records,
                 struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * Replace the SPF record by one that keeps the mechanisms of `existing` and includes Azure's (RFC
 * 7208). CONFIG when `existing` is no SPF record or the result would need more than ten look-ups of
 * its own terms.
 */
int records_merge_spf(struct records *records, const char *existing,
                      struct acsmtp_error *err) ACSMTP_CHECK;

/* Ask DNS. `server` is ADDRESS[:PORT], NULL: the system's. TEMPORARY when no answer came at all. */
int records_look_up(struct records *records, struct acsmtp_context *context, const char *server,
                    struct acsmtp_error *err) ACSMTP_CHECK;

/* For people, for a name server, for machines. NULL when memory fails; the caller frees. */
char *records_format_table(const struct records *records, struct acsmtp_error *err);
char *records_format_zone(const struct records *records, struct acsmtp_error *err);
struct acsmtp_json *records_format_json(const struct records *records, struct acsmtp_error *err);

#endif
