/* SPDX-License-Identifier: MIT */
/*
 * verify: proves a customer's domain to Azure. The records are told first, whatever happens then.
 * Each verification is begun and its outcome read from the domain: the reply to the beginning only
 * says "requested". Domain comes first, the others behind it as the portal does it (UNVERIFIED that
 * the service insists), and the domain is linked as soon as it is verified.
 */
#include "operations.h"

#include "arm.h"
#include "records.h"
#include "result.h"
#include "verified.h"
#include "walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERIFICATIONS 4
#define LOOKS_MIN 3

struct verification {
    struct resource *domain;     /* the row of the domain */
    const char *purpose;         /* "Domain", "SPF", "DKIM", "DKIM2" */
    const struct record *record; /* NULL: Azure names none */
    struct schedule_step *step;
    int looks;     /* since it was begun */
    int has_begun; /* another state than that of the last attempt was seen */
};

/* ---- one verification ---- */

/* VerificationFailed of an earlier attempt may stand until the new one has begun: it is an outcome
 * once another state was seen, or after some looks. */
static int has_failed(struct verification *verification, const char *state)
{
    int says_so = arm_same(state, "VerificationFailed");

    verification->looks++;
    verification->has_begun = verification->has_begun || !says_so;
    return says_so && (verification->has_begun || verification->looks >= LOOKS_MIN);
}

static int is_over(void *data, struct acsmtp_context *context, struct acsmtp_error *err)
{
    struct verification *verification = data;
    struct deployment *deployment = verification->domain->deployment;
    int status = verified_refresh(deployment, context, err);
    const char *state = verified_state(deployment, verification->purpose);

    if (status != ACSMTP_OK || arm_same(state, "Verified"))
        return status;
    if (has_failed(verification, state))
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "Azure did not find the %s record of '%s'%s%s: publish it as shown, "
                           "wait until DNS has it, then verify again",
                           verification->purpose, deployment->mail_domain,
                           verified_problem(deployment, verification->purpose)[0] ? ", " : "",
                           verified_problem(deployment, verification->purpose));
    return acsmtp_fail(err, ACSMTP_TEMPORARY, "verification of %s is still '%s'",
                       verification->purpose, state);
}

static int is_temporary(const struct acsmtp_error *err)
{
    return err->status == ACSMTP_TEMPORARY;
}

static int initiate(const struct verification *verification, struct acsmtp_context *context,
                    struct acsmtp_error *err)
{
    ACSMTP_AUTO_JSON struct acsmtp_json *body =
        ARM_TEXTS(err, {"verificationType", verification->purpose});
    char id[ARM_ID_MAX];
    struct arm_change post = {"POST", id, VERSION_COMMUNICATION, body};

    (void)snprintf(id, sizeof id, "%.700s/initiateVerification",
                   verification->domain->deployment->domain_id);
    return body ? arm_change(verification->domain, context, verification->step, &post, NULL, err)
                : ACSMTP_SYSTEM;
}

/* What public DNS does not have yet, Azure will not find either: it is not asked. */
static int check_published(const struct verification *verification, struct acsmtp_error *err)
{
    const struct record *record = verification->record;

    if (!record || record->finding == RECORD_NOT_ASKED || record->finding == RECORD_FOUND)
        return ACSMTP_OK;
    return acsmtp_fail(err, ACSMTP_CONFIG,
                       "DNS says '%s' of the %s record at '%s': publish it as shown first",
                       record_finding_text(record->finding), record->type, record->name);
}

static int verify_one(void *data, struct acsmtp_context *context, struct schedule_step *step,
                      struct acsmtp_error *err)
{
    struct verification *verification = data;
    const struct deployment *deployment = verification->domain->deployment;
    const struct schedule_retry wait = {
        .what = "waiting for Azure to look at DNS",
        .attempt = is_over,
        .is_transient = is_temporary,
        .data = verification,
        .wait_ms = deployment->parameters->wait_ms,
        .poll_ms = deployment->parameters->poll_ms,
    };
    int status;

    verification->step = step;
    if (arm_same(verified_state(deployment, verification->purpose), "Verified")) {
        schedule_changed(step, change_name(CHANGE_KEEP), NULL);
        return ACSMTP_OK;
    }
    status = check_published(verification, err);
    if (status == ACSMTP_OK)
        status = initiate(verification, context, err);
    if (status == ACSMTP_OK)
        status = schedule_retry(step, context, &wait, err);
    if (status == ACSMTP_OK)
        schedule_changed(step, change_name(CHANGE_UPDATE), NULL);
    return status;
}

/* ---- all of them, then the link ---- */

static const struct record *find_record(const struct records *records, const char *purpose)
{
    size_t i;

    for (i = 0; i < records->count; i++)
        if (strcmp(records->items[i].purpose, purpose) == 0)
            return &records->items[i];
    return NULL;
}

static int run_verifications(struct operation *operation, const struct records *records,
                             struct acsmtp_error *err)
{
    static const char *const after[][2] = {
        {NULL}, {"verify-domain", NULL}, {"verify-spf", NULL}, {"verify-dkim", NULL}};
    static const char *const names[][3] = {
        {"verify-domain", "verification of the domain", "Domain"},
        {"verify-spf", "verification of SPF", "SPF"},
        {"verify-dkim", "verification of DKIM", "DKIM"},
        {"verify-dkim2", "verification of DKIM2", "DKIM2"}};
    struct deployment *deployment = operation->deployment;
    struct resource *link = deployment_find(deployment, "linked-domain");
    struct verification verifications[VERIFICATIONS];
    struct schedule_item items[VERIFICATIONS + 1];
    size_t i;

    for (i = 0; i < VERIFICATIONS; i++) {
        verifications[i] = (struct verification){.domain = deployment_find(deployment, "domain"),
                                                 .purpose = names[i][2],
                                                 .record = find_record(records, names[i][2])};
        items[i] = (struct schedule_item){names[i][0], names[i][1], after[i], verify_one,
                                          &verifications[i]};
    }
    items[i] = (struct schedule_item){link->id, link->title, after[1], walk_ensure_one, link};
    return schedule_run(items, VERIFICATIONS + 1, 0, operation->context, operation->observer, err);
}

/* ---- the records ---- */

static int read_records(const struct operation *operation, struct records *records,
                        struct acsmtp_error *err)
{
    const struct deployment *deployment = operation->deployment;
    int status = records_read(deployment->domain, deployment->mail_domain, records, err);

    if (status == ACSMTP_OK && operation->request->merge)
        status = records_merge_spf(records, operation->request->merge, err);
    if (status == ACSMTP_OK && (operation->request->flags & ACSMTP_PROVISION_CHECK_DNS))
        status =
            records_look_up(records, operation->context, deployment->parameters->dns_server, err);
    return status;
}

/* "text" is for people: the table, the zone file; with the format json there is none. */
static int add_records(const struct operation *operation, const struct records *records,
                       struct acsmtp_error *err)
{
    const char *format = operation->request->format ? operation->request->format : "table";
    int status =
        acsmtp_json_set(operation->result, "records", records_format_json(records, err), err);
    char *text = NULL;

    if (status != ACSMTP_OK || strcmp(format, "json") == 0)
        return status;
    text = strcmp(format, "zone") == 0 ? records_format_zone(records, err)
                                       : records_format_table(records, err);
    if (!text)
        return ACSMTP_SYSTEM;
    acsmtp_json_remove(operation->result, "text");
    status = acsmtp_json_set(operation->result, "text", acsmtp_json_new_string(text, err), err);
    free(text);
    return status;
}

static int verify_custom(struct operation *operation, struct records *records,
                         struct acsmtp_error *err)
{
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    int status = read_records(operation, records, err);

    if (status == ACSMTP_OK)
        status = add_records(operation, records, err);
    if (status != ACSMTP_OK || (operation->request->flags & ACSMTP_PROVISION_READ_ONLY))
        return status;
    status = run_verifications(operation, records, err);
    if (read_records(operation, records, &unwanted) == ACSMTP_OK)
        (void)add_records(operation, records, &unwanted);
    return status;
}

static int check_request(const struct operation *operation, struct acsmtp_error *err)
{
    const char *format = operation->request->format;

    if (format && strcmp(format, "table") != 0 && strcmp(format, "zone") != 0 &&
        strcmp(format, "json") != 0)
        return acsmtp_fail(err, ACSMTP_CONFIG, "verify knows table, zone and json, not '%s'",
                           format);
    return ACSMTP_OK;
}

int operation_verify(struct operation *operation, struct acsmtp_error *err)
{
    struct deployment *deployment = operation->deployment;
    struct records *records;
    int status = check_request(operation, err);

    if (status == ACSMTP_OK)
        status = walk_look(deployment, operation->context, NULL, err);
    if (status != ACSMTP_OK)
        return status;
    if (!deployment->parameters->custom_domain)
        return result_set_text(operation->result, "text",
                               "An Azure-managed domain is verified by Azure: nothing to do.", err);
    if (!deployment->domain)
        return acsmtp_fail(err, ACSMTP_CONFIG,
                           "the domain '%s' does not exist in Azure yet: run apply first, which "
                           "adds it",
                           deployment->parameters->custom_domain);
    records = calloc(1, sizeof *records);
    status = records ? verify_custom(operation, records, err)
                     : acsmtp_fail(err, ACSMTP_SYSTEM, "out of memory");
    free(records);
    return status;
}
