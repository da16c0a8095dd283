/* SPDX-License-Identifier: MIT */
/* What the resource types of Microsoft.Communication share. */
#ifndef EMULATOR_ARM_COMMUNICATION_H
#define EMULATOR_ARM_COMMUNICATION_H

#include "arm.h"

#define COMMUNICATION_SERVICE "Microsoft.Communication/communicationServices"
#define COMMUNICATION_USERNAME COMMUNICATION_SERVICE "/smtpUsernames"
#define COMMUNICATION_EMAIL "Microsoft.Communication/emailServices"
#define COMMUNICATION_DOMAIN COMMUNICATION_EMAIL "/domains"
#define COMMUNICATION_SENDER COMMUNICATION_DOMAIN "/senderUsernames"

/* 1 to `maximum` characters of [a-zA-Z0-9], and of `others`; false when the reply is a 400. */
bool communication_check_name(struct arm_call *call, const char *others, size_t maximum);
/* The "dataLocation" of the body, required and never to change; NULL when the reply is a 400. */
const char *communication_data_location(struct arm_call *call);
/* "systemData" of a resource that the caller has just made or changed. */
void communication_stamp(struct arm_call *call, struct json_object *resource);
/* The status of one of a domain's verifications, as GET answers it now. */
const char *communication_domain_status(struct json_object *entry, const char *verification,
                                        int64_t now);
/* Whether any communication service links the domain. */
bool communication_is_linked(struct arm_call *call, const char *domain_id);
/* The forms that GET and LIST of user names have, unlike PUT: all in lower case, without
 * systemData, and with a type of their own. */
struct json_object *communication_lower(struct json_object *entry, const char *type);
#endif
