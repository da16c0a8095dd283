/* SPDX-License-Identifier: MIT */
/* A library that a plugin of broken/ brings: it makes connections that the plugin knows nothing of.
 */
#ifndef BROUGHT_H
#define BROUGHT_H

/* Connect to that IPv4 address. "made", or what the system says of the failure; a static text. */
__attribute__((visibility("default"))) const char *brought_connect(const char *host,
                                                                   unsigned short port);

#endif
