/* SPDX-License-Identifier: MIT */
/* What diagnose() tells, held to the contract of findings: one line each, and no secrets. */
#ifndef FINDINGS_H
#define FINDINGS_H

#include <acsmtp/diagnose.h>

/* For acsmtp_finding_sink; `data` is not looked at. */
void findings_tell(void *data, const struct acsmtp_finding *finding);

#endif
