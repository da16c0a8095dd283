/* SPDX-License-Identifier: MIT */
/* The rows of the router's table: each namespace has a file of its own. */
#ifndef EMULATOR_ARM_TYPES_H
#define EMULATOR_ARM_TYPES_H

#include "arm.h"

/* Each list ends with a type that has no name. */
extern const struct arm_type ARM_SUBSCRIPTION_TYPES[]; /* arm_subscription.c */
extern const struct arm_type ARM_PROVIDER_TYPES[];     /* arm_provider.c */
extern const struct arm_type ARM_GROUP_TYPES[];        /* arm_group.c */
extern const struct arm_type ARM_VAULT_TYPES[];        /* arm_vault.c */
extern const struct arm_type ARM_ASSIGNMENT_TYPES[];   /* arm_role_assignment.c */
extern const struct arm_type ARM_DEFINITION_TYPES[];   /* arm_role_definition.c */
extern const struct arm_type ARM_IDENTITY_TYPES[];     /* arm_identity.c */
extern const struct arm_type ARM_SERVICE_TYPES[];      /* arm_service.c */
extern const struct arm_type ARM_USERNAME_TYPES[];     /* arm_smtp_username.c */
extern const struct arm_type ARM_EMAIL_TYPES[];        /* arm_email.c */
extern const struct arm_type ARM_DOMAIN_TYPES[];       /* arm_domain.c */
extern const struct arm_type ARM_SENDER_TYPES[];       /* arm_sender.c */

/* Subscriptions and what is directly below them. */
extern const char *const ARM_SUBSCRIPTION_VERSIONS[];
/* Microsoft.Communication: the api-versions of all but the youngest types. */
extern const char *const ARM_COMMUNICATION_VERSIONS[];
#endif
