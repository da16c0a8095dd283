/* SPDX-License-Identifier: MIT */
/* Opening a shared object so that nothing of it is left to chance, and nothing is bound for nobody.
 */
#ifndef MODULE_H
#define MODULE_H

/* A handle for dlsym(3), or NULL: then dlerror(3) has the reason. `path` is absolute and checked.
 */
void *module_open(const char *path);

#endif
