/* SPDX-License-Identifier: MIT */
/* Mutual TLS: the certificate that a request shows, and authorities of its own that it trusts. */
#include "cunit_main.h"
#include "http_server.h"

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

/* An authority of machines, which servers of mutual() trust. */
static EVP_PKEY *authority_key;
static X509 *authority;

struct identity {
    EVP_PKEY *key;
    X509 *certificate;
};

static struct identity identity_new(X509 *issuer, EVP_PKEY *issuer_key)
{
    struct identity made = {.key = EVP_EC_gen("P-256")};

    made.certificate =
        loopback_certificate(made.key, issuer, issuer_key, "machine", "DNS:machine.example", 7);
    return made;
}

static void identity_release(struct identity *identity)
{
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
}

/* A server that takes nobody without a certificate of the authority of machines. */
static SSL_CTX *mutual(int version)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    CU_ASSERT_PTR_NOT_NULL_FATAL(ctx);
    CU_ASSERT_EQUAL(SSL_CTX_use_certificate(ctx, SSL_CTX_get0_certificate(pki.server)), 1);
    CU_ASSERT_EQUAL(SSL_CTX_use_PrivateKey(ctx, SSL_CTX_get0_privatekey(pki.server)), 1);
    CU_ASSERT_EQUAL(SSL_CTX_set_max_proto_version(ctx, version), 1);
    CU_ASSERT_EQUAL(X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), authority), 1);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return ctx;
}

/* One exchange with a server of mutual(). */
static int ask(int version, const struct acsmtp_secret *pem, struct client *client)
{
    struct server server = {.tls = mutual(version), .exchanges = {{.reply = OK_REPLY}}};
    int status;

    start(&server);
    client_init(client, &server, "localhost");
    client->request.client_certificate = pem;
    status = client_send(client);
    stop(&server);
    SSL_CTX_free(server.tls);
    return status;
}

static void a_certificate_is_shown(void)
{
    struct identity machine = identity_new(authority, authority_key);
    struct acsmtp_secret *pem = pem_of(machine.key, machine.certificate, NULL);

    for (size_t i = 0; i < 2; i++) {
        struct client client;

        CU_ASSERT_EQUAL(ask(versions[i], pem, &client), ACSMTP_OK);
        CU_ASSERT_EQUAL(acsmtp_http_status(client.response), 200);
        CU_ASSERT_PTR_NULL(strstr(client.trace, "PRIVATE KEY"));
        client_release(&client);
    }
    acsmtp_secret_free(pem);
    identity_release(&machine);
}

static void one_of_another_authority_is_denied(void)
{
    struct identity stranger = identity_new(NULL, NULL);
    struct acsmtp_secret *pem = pem_of(stranger.key, stranger.certificate, NULL);

    for (size_t i = 0; i < 2; i++) {
        struct client client;

        CU_ASSERT_EQUAL(ask(versions[i], pem, &client), ACSMTP_DENIED);
        CU_ASSERT_STRING_EQUAL(client.err.code, "tls");
        CU_ASSERT_PTR_NOT_NULL(
            strstr(client.err.message, "the server refuses the client certificate"));
        client_release(&client);
    }
    acsmtp_secret_free(pem);
    identity_release(&stranger);
}

/* TLS 1.2 has no alert of its own for it: a failed handshake is all that is known there. */
static void without_one_nobody_is_denied(void)
{
    for (size_t i = 0; i < 2; i++) {
        struct client client;

        CU_ASSERT_EQUAL(ask(versions[i], NULL, &client), ACSMTP_PROTOCOL);
        CU_ASSERT_STRING_EQUAL(client.err.code, "tls");
        if (versions[i] == TLS1_3_VERSION)
            CU_ASSERT_PTR_NOT_NULL(
                strstr(client.err.message, "the server wants a client certificate"));
        client_release(&client);
    }
}

static void what_is_no_identity_is_the_config_s_fault(void)
{
    struct identity machine = identity_new(authority, authority_key);
    struct identity other = identity_new(authority, authority_key);
    const struct {
        struct acsmtp_secret *pem;
        const char *message;
    } cases[] = {
        {pem_of(NULL, NULL, NULL), "is no PEM certificate"},
        {pem_of(machine.key, NULL, NULL), "is no PEM certificate"},
        {pem_of(NULL, machine.certificate, NULL), "has no private key"},
        {pem_of(other.key, machine.certificate, NULL), "does not belong"},
        {pem_of(machine.key, machine.certificate, "sesame"), "is encrypted"},
    };
    struct server server = {.tls = pki.server};

    server.listener = loopback_listen(&server.port);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct client client;

        client_init(&client, &server, "localhost");
        client.request.client_certificate = cases[i].pem;
        CU_ASSERT_EQUAL(client_send(&client), ACSMTP_CONFIG);
        CU_ASSERT_PTR_NOT_NULL(strstr(client.err.message, cases[i].message));
        client_release(&client);
        acsmtp_secret_free(cases[i].pem);
    }
    (void)close(server.listener);
    identity_release(&machine);
    identity_release(&other);
}

/* The cloud's ca_file is not asked where the request has its own, and the other way round. */
static void authorities_of_the_request_go_before_the_cloud_s(void)
{
    char path[] = "/tmp/acsmtp-test-ca-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(PEM_write_X509(file, authority), 1);
    CU_ASSERT_EQUAL(fclose(file), 0);
    for (int is_right = 0; is_right < 2; is_right++) {
        struct server server = {.tls = pki.server, .exchanges = {{.reply = OK_REPLY}}};
        struct client client;

        start(&server);
        client_init(&client, &server, "localhost");
        CU_ASSERT_EQUAL(acsmtp_context_set_endpoint(client.context, "ca_file",
                                                    is_right ? path : pki.ca_file, &client.err),
                        ACSMTP_OK);
        client.request.ca_file = is_right ? pki.ca_file : path;
        CU_ASSERT_EQUAL(client_send(&client), is_right ? ACSMTP_OK : ACSMTP_PROTOCOL);
        stop(&server);
        client_release(&client);
    }
    (void)unlink(path);
}

int main(void)
{
    static const struct cunit_case cases[] = {
        T(a_certificate_is_shown),
        T(one_of_another_authority_is_denied),
        T(without_one_nobody_is_denied),
        T(what_is_no_identity_is_the_config_s_fault),
        T(authorities_of_the_request_go_before_the_cloud_s),
    };
    int result;

    loopback_pki_open(&pki);
    authority_key = EVP_EC_gen("P-256");
    authority = loopback_certificate(authority_key, NULL, NULL, "machines", NULL, 1);
    result = cunit_run("http_identity", cases, sizeof cases / sizeof cases[0]);
    X509_free(authority);
    EVP_PKEY_free(authority_key);
    loopback_pki_close(&pki);
    return result;
}
