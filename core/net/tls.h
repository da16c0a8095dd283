/* SPDX-License-Identifier: MIT */
/* TLS for both protocols: what is trusted, from which version on, and no stalls. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <acsmtp/context.h>
#include <acsmtp/error.h>
#include <curl/curl.h>

#define NET_TLS_SOCKETS 4

/* One connection's TLS, as far as we look into libcurl's. */
struct net_tls {
    void *ssl;                    /* the SSL object of the handshake seen last, NULL before */
    int sockets[NET_TLS_SOCKETS]; /* open ones: happy eyeballs tries several; -1 when free */
};

/*
 * Trust `ca_file` and `ca_path` if one is given, else the cloud's "ca_file", else the system. `tls`
 * must stay where it is as long as `easy` lives.
 */
int net_tls_setup(CURL *easy, struct net_tls *tls, const struct acsmtp_context *context,
                  const char *ca_file, const char *ca_path, struct acsmtp_error *err) ACSMTP_CHECK;

/*
 * One read(2) for many records from now on. Only for whoever asks net_tls_pending() before waiting:
 * libcurl's own loops wait for a socket whose bytes already stand in the TLS layer.
 */
void net_tls_read_ahead(struct net_tls *tls);

/* Whether bytes of the peer are held back in the TLS layer, so that the socket need not be
 * readable. */
int net_tls_pending(const struct net_tls *tls);

/* "TLSv1.3" */
const char *net_tls_version(const struct net_tls *tls);

#endif
