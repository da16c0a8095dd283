/* SPDX-License-Identifier: MIT */
/* The verifications of an e-mail domain. Asking for one is an operation that is over at once; its
 * outcome shows up later in the domain, as the switch "verification" says at the time of asking. A
 * control call decides otherwise by removing private/verifications/NAME from the domain's entry and
 * writing resource/properties/verificationStates/NAME. */
#ifndef EMULATOR_ARM_DOMAIN_VERIFICATION_H
#define EMULATOR_ARM_DOMAIN_VERIFICATION_H

#include "arm.h"

arm_handler domain_verification_initiate, domain_verification_cancel;
/* Writes what the states are now into the "properties" of an answer. */
void domain_verification_render(struct json_object *entry, struct json_object *properties,
                                int64_t now);
#endif
