/* SPDX-License-Identifier: MIT */
/* The arguments of SPF terms: domain-spec, networks, prefix lengths (RFC 7208 section 12). Pure. */
#ifndef ACS_SPF_DOMAIN_H
#define ACS_SPF_DOMAIN_H

#include <stddef.h>

/* macro-string: visible characters, and '%' only in a macro (section 7.1). May be empty. */
int spf_is_macro_text(const char *text, size_t size);

/* domain-spec: a macro-string that ends in a top label or a macro. */
int spf_is_domain(const char *text, size_t size);

/* ADDRESS[/PREFIX] of family 4 or 6. */
int spf_is_network(const char *text, size_t size, int family);

/* Bytes of a good dual-cidr-length ("/24", "//64", "/24//64") at the end, 0 for none. */
size_t spf_prefix_size(const char *text, size_t size);

#endif
