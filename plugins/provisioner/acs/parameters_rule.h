/* SPDX-License-Identifier: MIT */
/* The rules of the services for names. Pure; 1 when the text keeps to the rule. */
#ifndef ACS_PARAMETERS_RULE_H
#define ACS_PARAMETERS_RULE_H

int rule_guid(const char *text);
int rule_resource_group(const char *text);
int rule_location(const char *text);
int rule_data_location(const char *text);
int rule_communication_name(const char *text);
int rule_email_name(const char *text);
int rule_key_vault_name(const char *text);
int rule_identity_name(const char *text);
int rule_username(const char *text);

/* A host name of two labels or more that can have mail (RFC 1035 section 2.3.1, RFC 5321 section
 * 4.1.2), without a final dot; other scripts as xn--. */
int rule_domain(const char *text);

/* 192.0.2.1, 192.0.2.1:53, 2001:db8::1, [2001:db8::1] or [2001:db8::1]:53. */
int rule_server(const char *text);

#endif
