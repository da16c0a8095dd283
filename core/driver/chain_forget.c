/* SPDX-License-Identifier: MIT */
/*
 * A chain whose user logs out.
 */
#include "chain_private.h"
#include <string.h>

/* A plugin that is not installed has nothing that it could remove. */
static void forget_member(struct member *member, struct acsmtp_context *context,
                          chain_group_visitor visit, void *data, size_t *removed,
                          struct acsmtp_error *err)
{
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    int status = entry_load(&member->entry, &problem);
    size_t i;

    if (status != ACSMTP_OK && strcmp(problem.code, REGISTRY_MISSING) == 0)
        return;
    for (i = 0; status == ACSMTP_OK && i < member->entry.nested_count; i++)
        (void)chain_forget(member->entry.nested[i], context, visit, data, removed, err);
    if (status == ACSMTP_OK)
        status = member_forget(member, context, &problem);
    if (status == ACSMTP_OK)
        (*removed)++;
    if (status != ACSMTP_OK && status != ACSMTP_UNAVAILABLE)
        walk_copy_error(err, &problem);
}

int chain_forget(struct chain *chain, struct acsmtp_context *context, chain_group_visitor visit,
                 void *data, size_t *removed, struct acsmtp_error *err)
{
    struct acsmtp_error unwanted = ACSMTP_ERROR_INIT;
    struct acsmtp_error problem = ACSMTP_ERROR_INIT;
    char group[CHAIN_GROUP_MAX];
    size_t i;

    err = err ? err : &unwanted;
    chain_group(chain, group);
    if (visit(data, group, &problem) != ACSMTP_OK)
        walk_copy_error(err, &problem);
    for (i = 0; i < chain->count; i++)
        forget_member(&chain->members[i], context, visit, data, removed, err);
    return err->status;
}
