/* SPDX-License-Identifier: MIT */
/* Documents of provisioners, see provision_result.h. */
#include "provision_result.h"
#include "canary.h"
#include "steps.h"
#include "verdict.h"
#include <acsmtp/error.h>
#include <stdlib.h>
#include <string.h>

static void search(const char *operation, const struct acsmtp_json *result)
{
    char *text = acsmtp_json_format(result);
    const char *found = text ? canary_find(text, strlen(text)) : NULL;

    if (found)
        (void)verdict_fail(RULE_PROVISION_RESULT, "%s stands in the result of %s()", found,
                           operation);
    free(text);
}

static void check_changes(const char *operation, const struct acsmtp_json *result)
{
    const struct acsmtp_json *changes = acsmtp_json_get(result, "changes");

    for (size_t i = 0; i < acsmtp_json_length(changes); i++) {
        const struct acsmtp_json *row = acsmtp_json_item(changes, i);

        if (!acsmtp_json_string(row, "id") || !acsmtp_json_string(row, "title") ||
            !steps_is_change(acsmtp_json_string(row, "change")))
            (void)verdict_fail(RULE_PROVISION_CHANGES,
                               "row %zu of the changes of %s() lacks an id, a title or a change",
                               i + 1, operation);
    }
}

void provision_result_check(const char *operation, int status, const struct acsmtp_json *result)
{
    if (!result && status != ACSMTP_OK)
        return;
    if (acsmtp_json_type(result) != ACSMTP_JSON_OBJECT) {
        (void)verdict_fail(RULE_PROVISION_OBJECT, "%s() returned %s", operation,
                           result ? "a document that is no object" : "OK and no document");
        return;
    }
    search(operation, result);
    check_changes(operation, result);
}

const char *provision_result_difference(const struct acsmtp_json *result)
{
    const struct acsmtp_json *changes = acsmtp_json_get(result, "changes");

    for (size_t i = 0; i < acsmtp_json_length(changes); i++) {
        const struct acsmtp_json *row = acsmtp_json_item(changes, i);

        if (steps_is_difference(acsmtp_json_string(row, "change")))
            return acsmtp_json_string(row, "id");
    }
    return NULL;
}
