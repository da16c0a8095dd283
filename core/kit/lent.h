/* SPDX-License-Identifier: MIT */
/*
 * Memory that a plugin may look at during one call and not afterwards: a place of its own, which
 * cannot be read any more once the call has returned. Whoever still does so ends with a verdict.
 */
#ifndef LENT_H
#define LENT_H

#include <stddef.h>

struct lent;

/* A new place with this many bytes, zero; NULL when there is no memory. */
struct lent *lent_new(size_t size);

/* A copy of `text` in it; NULL for NULL, or when it is full. */
const char *lent_text(struct lent *lent, const char *text);

/* A zeroed structure in it. */
void *lent_place(struct lent *lent, size_t size);

/* The call has returned. The place stays taken, so that nothing else comes to lie there. */
void lent_take_back(struct lent *lent);

/* From now on a read of what was taken back is a verdict, and every other crash stays one. */
void lent_watch(void);

#endif
