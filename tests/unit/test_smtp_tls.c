/* SPDX-License-Identifier: MIT */
/*
 * Whom a session takes for its server: names, addresses, chains, validity, versions. getaddrinfo()
 * is the one below: every name is on this machine.
 */
#include "cunit_main.h"
#include "loopback.h"

#include <acsmtp/smtp.h>
#include <arpa/inet.h>
#include <netdb.h>

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    static struct sockaddr_in here = {.sin_family = AF_INET};
    static struct addrinfo only = {.ai_family = AF_INET, .ai_addrlen = sizeof here};

    (void)host;
    (void)service;
    (void)hints;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    only.ai_addr = (struct sockaddr *)&here;
    *found = &only;
    return 0;
}

void freeaddrinfo(struct addrinfo *found)
{
    (void)found;
}

/* ---- certificates ---- */

static struct loopback_pki pki;
static char root_file[96], middle_file[96], leaf_file[96];

static struct authority {
    EVP_PKEY *key;
    X509 *certificate;
} root, middle;

static EVP_PKEY *leaf_key;
static long next_serial = 100;

static void write_certificate(char path[96], const char *name, X509 *certificate)
{
    FILE *file;

    (void)snprintf(path, 96, "%s/%s.pem", pki.folder, name);
    file = fopen(path, "we");
    loopback_need(file && PEM_write_X509(file, certificate) && fclose(file) == 0, path);
}

static void make_authorities(void)
{
    root.key = EVP_EC_gen("P-256");
    middle.key = EVP_EC_gen("P-256");
    leaf_key = EVP_EC_gen("P-256");
    root.certificate = loopback_certificate(root.key, NULL, NULL, "root", NULL, 1);
    middle.certificate =
        loopback_certificate(middle.key, root.certificate, root.key, "middle", NULL, 2);
    write_certificate(root_file, "root", root.certificate);
    write_certificate(middle_file, "middle", middle.certificate);
}

static void free_authorities(void)
{
    X509_free(root.certificate);
    X509_free(middle.certificate);
    EVP_PKEY_free(root.key);
    EVP_PKEY_free(middle.key);
    EVP_PKEY_free(leaf_key);
    (void)unlink(root_file);
    (void)unlink(middle_file);
    (void)unlink(leaf_file);
}

/* A server's certificate by `authority`, valid until `ends` seconds from now. */
static X509 *make_leaf(const struct authority *authority, const char *common_name,
                       const char *names, long ends)
{
    X509 *made = loopback_certificate(leaf_key, authority->certificate, authority->key, common_name,
                                      names, next_serial++);

    loopback_need(X509_gmtime_adj(X509_getm_notAfter(made), ends) &&
                      X509_sign(made, authority->key, EVP_sha256()) > 0,
                  "X509_sign");
    return made;
}

/* ---- one visit ---- */

static int answer(void *data, unsigned step, const char *challenge, size_t size,
                  struct acsmtp_secret *response, struct acsmtp_error *err)
{
    (void)data;
    (void)challenge;
    (void)size;
    return acsmtp_secret_append(response, step ? "password" : "username", 8, err);
}

struct visit {
    SSL_CTX *ctx;
    int listener, port;
    char sni[128];
    struct acsmtp_error err;
};

/* Speaks as far as the client goes on. */
static void *serve(void *data)
{
    static const char *const replies[] = {"250-mx\r\n250 AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n",
                                          "334 UGFzc3dvcmQ6\r\n", "235 ok\r\n", "221 bye\r\n"};
    static struct loopback_wire wire;
    struct visit *visit = data;
    char line[256];
    int fills = 0;

    loopback_begin_thread();
    if (!loopback_accept(&wire, visit->listener))
        return NULL;
    if (loopback_start_tls(&wire, visit->ctx)) {
        const char *name = SSL_get_servername(wire.ssl, TLSEXT_NAMETYPE_host_name);

        (void)snprintf(visit->sni, sizeof visit->sni, "%s", name ? name : "");
        (void)loopback_write(&wire, "220 mx\r\n", 8);
        for (size_t i = 0; i < 5 && loopback_line(&wire, line, sizeof line, &fills) > 0; i++)
            (void)loopback_write(&wire, replies[i], strlen(replies[i]));
    }
    loopback_close(&wire);
    return NULL;
}

/* Open a session with a server that shows what `ctx` holds; the status. */
static int open_session(struct visit *visit, const char *host, const char *ca_file)
{
    static const struct acsmtp_smtp_mechanism login = {
        .size = sizeof login, .name = "LOGIN", .respond = answer};
    struct acsmtp_smtp_options options = {.size = sizeof options,
                                          .tls = ACSMTP_SMTP_IMPLICIT,
                                          .host = host,
                                          .ca_file = ca_file,
                                          .connect_timeout_ms = -1,
                                          .reply_timeout_ms = -1,
                                          .mechanism = &login};
    struct acsmtp_context *context;
    struct acsmtp_smtp *smtp = NULL;
    pthread_t thread;
    int status;

    visit->err = (struct acsmtp_error)ACSMTP_ERROR_INIT;
    visit->sni[0] = '\0';
    visit->listener = loopback_listen(&visit->port);
    options.port = visit->port;
    loopback_need(acsmtp_context_new(&context, &visit->err) == ACSMTP_OK, "a context");
    loopback_need(pthread_create(&thread, NULL, serve, visit) == 0, "a server");
    acsmtp_context_set_timeout(context, LOOPBACK_PATIENCE_MS);
    status = acsmtp_smtp_open(context, &options, &smtp, &visit->err);
    acsmtp_smtp_close(smtp, context);
    (void)pthread_join(thread, NULL);
    (void)close(visit->listener);
    acsmtp_context_free(context);
    return status;
}

/* The same for a leaf of its own. */
static int visit_leaf(struct visit *visit, X509 *leaf, const char *host, const char *ca_file)
{
    int status;

    visit->ctx = loopback_context(leaf_key, leaf);
    status = open_session(visit, host, ca_file);
    SSL_CTX_free(visit->ctx);
    X509_free(leaf);
    return status;
}

static void refuses(struct visit *visit, int status, const char *words)
{
    CU_ASSERT_EQUAL(status, ACSMTP_PROTOCOL);
    CU_ASSERT_STRING_EQUAL(visit->err.code, "tls");
    CU_ASSERT_PTR_NOT_NULL(strstr(visit->err.message, words));
    if (!strstr(visit->err.message, words))
        printf("\n    there was '%s'", visit->err.message);
}

/* ---- names ---- */

static void the_certificate_must_name_the_host(void)
{
    static const struct {
        const char *names, *host;
        int is_good;
        const char *sni;
    } cases[] = {
        {"DNS:mail.example", "mail.example", 1, "mail.example"},
        {"DNS:mail.example", "MAIL.Example", 1, "MAIL.Example"},
        {"DNS:mail.example", "mail.example.", 1, "mail.example"},
        {"DNS:a.example,DNS:mail.example", "mail.example", 1, "mail.example"},
        {"DNS:mail.example", "ail.example", 0, ""},
        {"DNS:mail.example", "x.mail.example", 0, ""},
        {"DNS:*.example.org", "mail.example.org", 1, "mail.example.org"},
        {"DNS:*.example.org", "a.mail.example.org", 0, ""},
        {"DNS:m*.example.org", "mail.example.org", 0, ""},
        {"IP:127.0.0.1", "127.0.0.1", 1, ""},
        {"IP:127.0.0.2", "127.0.0.1", 0, ""},
        {"DNS:127.0.0.1", "127.0.0.1", 0, ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct visit visit;
        X509 *leaf = make_leaf(&root, "somebody", cases[i].names, 3600);
        int status = visit_leaf(&visit, leaf, cases[i].host, root_file);

        if (cases[i].is_good) {
            CU_ASSERT_EQUAL(status, ACSMTP_OK);
            CU_ASSERT_STRING_EQUAL(visit.sni, cases[i].sni);
        } else {
            refuses(&visit, status, "the certificate does not verify (");
        }
    }
}

static void a_name_that_does_not_fit_is_told(void)
{
    struct visit visit;
    X509 *leaf = make_leaf(&root, "somebody", "DNS:other.example", 3600);

    refuses(&visit, visit_leaf(&visit, leaf, "mail.example", root_file), "hostname mismatch");
}

/* ---- chains ---- */

static void a_certificate_must_be_valid_now(void)
{
    struct visit visit;
    X509 *leaf = make_leaf(&root, "somebody", "DNS:mail.example", -60);

    refuses(&visit, visit_leaf(&visit, leaf, "mail.example", root_file), "expired");
}

static void an_authority_that_is_trusted_need_not_be_a_root(void)
{
    struct visit visit;
    X509 *leaf = make_leaf(&middle, "somebody", "DNS:mail.example", 3600);

    CU_ASSERT_EQUAL(visit_leaf(&visit, leaf, "mail.example", middle_file), ACSMTP_OK);
    leaf = make_leaf(&root, "somebody", "DNS:mail.example", 3600);
    write_certificate(leaf_file, "leaf", leaf);
    CU_ASSERT_EQUAL(visit_leaf(&visit, leaf, "mail.example", leaf_file), ACSMTP_OK);
}

static void a_chain_with_a_gap_is_refused(void)
{
    struct visit visit;
    X509 *leaf = make_leaf(&middle, "somebody", "DNS:mail.example", 3600);

    refuses(&visit, visit_leaf(&visit, leaf, "mail.example", root_file),
            "unable to get local issuer certificate");
}

static void the_server_may_fill_the_gap(void)
{
    struct visit visit;
    X509 *leaf = make_leaf(&middle, "somebody", "DNS:mail.example", 3600);

    visit.ctx = loopback_context(leaf_key, leaf);
    loopback_need(SSL_CTX_add1_chain_cert(visit.ctx, middle.certificate) == 1, "a chain");
    CU_ASSERT_EQUAL(open_session(&visit, "mail.example", root_file), ACSMTP_OK);
    SSL_CTX_free(visit.ctx);
    X509_free(leaf);
}

/* ---- versions ---- */

static int visit_version(struct visit *visit, int version)
{
    X509 *leaf = make_leaf(&root, "somebody", "DNS:mail.example", 3600);
    int status;

    visit->ctx = loopback_context(leaf_key, leaf);
    SSL_CTX_set_security_level(visit->ctx, 0);
    loopback_need(SSL_CTX_set_min_proto_version(visit->ctx, TLS1_VERSION) == 1 &&
                      SSL_CTX_set_max_proto_version(visit->ctx, version) == 1,
                  "a version of TLS");
    status = open_session(visit, "mail.example", root_file);
    SSL_CTX_free(visit->ctx);
    X509_free(leaf);
    return status;
}

static void tls_1_2_is_the_least(void)
{
    struct visit visit;

    CU_ASSERT_EQUAL(visit_version(&visit, TLS1_3_VERSION), ACSMTP_OK);
    CU_ASSERT_EQUAL(visit_version(&visit, TLS1_2_VERSION), ACSMTP_OK);
    refuses(&visit, visit_version(&visit, TLS1_1_VERSION), "the TLS handshake failed (");
    refuses(&visit, visit_version(&visit, TLS1_VERSION), "the TLS handshake failed (");
}

int main(void)
{
    static const struct cunit_case cases[] = {
        T(the_certificate_must_name_the_host),
        T(a_name_that_does_not_fit_is_told),
        T(a_certificate_must_be_valid_now),
        T(an_authority_that_is_trusted_need_not_be_a_root),
        T(a_chain_with_a_gap_is_refused),
        T(the_server_may_fill_the_gap),
        T(tls_1_2_is_the_least),
    };
    int result;

    loopback_pki_open(&pki);
    make_authorities();
    result = cunit_run("smtp_tls", cases, sizeof cases / sizeof cases[0]);
    free_authorities();
    loopback_pki_close(&pki);
    return result;
}
