/* SPDX-License-Identifier: MIT */
/*
 * What a DNS message says about one name (RFC 1035 section 4.1). Nothing in the message is trusted:
 * records of other names, types and classes are passed over.
 */
#ifndef ACS_DNS_ANSWER_H
#define ACS_DNS_ANSWER_H

#include "records.h"

#define DNS_TYPE_CNAME 5
#define DNS_TYPE_TXT 16
#define DNS_CHAIN_MAX 8 /* aliases that are followed */
#define DNS_TEXT_MAX 4096

/* One TXT record, its strings joined (RFC 7208 section 3.3); cut at DNS_TEXT_MAX bytes. */
typedef void dns_text(void *data, const unsigned char *bytes, size_t size);

/*
 * Call `each` for every TXT record at `name`, or at the end of the aliases that lead from it. 0
 * when the message is malformed; texts before the fault were handed over then.
 */
int dns_answer_texts(const unsigned char *message, size_t size, const char *name, dns_text *each,
                     void *data);

/*
 * The target of the alias at `name`, in the text form of the DNS without a final dot. 0 when the
 * message is malformed; OK with "" when there is no alias.
 */
int dns_answer_alias(const unsigned char *message, size_t size, const char *name,
                     char target[RECORD_VALUE_MAX]);

#endif
