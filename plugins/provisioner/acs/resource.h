/* SPDX-License-Identifier: MIT */
/* The kinds of resources, one file each, and the list that a deployment is made of. */
#ifndef ACS_RESOURCE_H
#define ACS_RESOURCE_H

#include "deployment.h"

extern const struct resource_kind resource_provider;
extern const struct resource_kind resource_group;
extern const struct resource_kind resource_communication;
extern const struct resource_kind resource_email;
extern const struct resource_kind resource_domain;
extern const struct resource_kind resource_verification;
extern const struct resource_kind resource_link;
extern const struct resource_kind resource_sender;
extern const struct resource_kind resource_vault;
extern const struct resource_kind resource_identity;
extern const struct resource_kind resource_role;
extern const struct resource_kind resource_application;
extern const struct resource_kind resource_principal;
extern const struct resource_kind resource_secret;
extern const struct resource_kind resource_smtp_username;

/* Fills deployment->resources: everything that is wanted, parents first. */
void resource_list(struct deployment *deployment);

#endif
