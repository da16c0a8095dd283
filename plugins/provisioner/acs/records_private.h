/* SPDX-License-Identifier: MIT */
/* What the files of records.h share. */
#ifndef ACS_RECORDS_PRIVATE_H
#define ACS_RECORDS_PRIVATE_H

#include "records.h"

/* What is to be said about an SPF record that is in place; NULL for nothing. */
const char *record_spf_note(const char *text);

#endif
