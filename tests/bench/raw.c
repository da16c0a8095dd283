/* SPDX-License-Identifier: MIT */
/*
 * The floor of the benchmark: the same dialogue as the other clients with OpenSSL and nothing else,
 * no options parsed, no library but libssl. Messages must be finished: CRLF, no line that begins
 * with a dot. They are pipelined like acsmtp's: an envelope travels behind the message before it.
 *
 * bench-raw login|xoauth2 PORT CA_FILE|CA_FOLDER USER SENDER RECIPIENT FILE...
 * The password or token is in $BENCH_SECRET.
 */
#include "stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COMMAND_MAX = 32768 };

struct client {
    struct stream stream;
    const char *user, *secret, *sender, *recipient;
};

static void say(struct client *client, const char *text)
{
    stream_write(&client->stream, text, strlen(text));
}

static void expect(struct client *client, const char *code)
{
    char *line;

    do {
        if (stream_line(&client->stream, &line) < 3)
            stream_die("the server hung up");
        if (strncmp(line, code, 3) != 0) {
            (void)fprintf(stderr, "wanted %s, got %s\n", code, line);
            exit(1);
        }
    } while (line[3] == '-');
}

static void say_base64(struct client *client, const char *text, size_t size)
{
    static unsigned char encoded[COMMAND_MAX];
    int length = EVP_EncodeBlock(encoded, (const unsigned char *)text, (int)size);

    encoded[length++] = '\r';
    encoded[length++] = '\n';
    stream_write(&client->stream, encoded, (size_t)length);
}

/* Nagle there and delayed ACK here hold what follows the session ticket for 40 ms. */
static void watch_tickets(int write, int version, int type, const void *bytes, size_t size,
                          SSL *ssl, void *data)
{
    int on = 1;

    (void)version;
    (void)ssl;
    if (!write && type == SSL3_RT_HANDSHAKE && size &&
        *(const unsigned char *)bytes == SSL3_MT_NEWSESSION_TICKET)
        (void)setsockopt(*(const int *)data, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

static void start_tls(struct client *client, const char *trust)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    struct stat status;
    int loaded = 0;

    if (!context || stat(trust, &status) != 0)
        stream_die(trust);
    loaded = S_ISDIR(status.st_mode) ? SSL_CTX_load_verify_dir(context, trust)
                                     : SSL_CTX_load_verify_file(context, trust);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_msg_callback(context, watch_tickets);
    SSL_CTX_set_msg_callback_arg(context, &client->stream.fd);
    client->stream.ssl = SSL_new(context);
    if (!loaded || !client->stream.ssl || !SSL_set1_host(client->stream.ssl, "localhost") ||
        !SSL_set_tlsext_host_name(client->stream.ssl, "localhost") ||
        !SSL_set_fd(client->stream.ssl, client->stream.fd) || SSL_connect(client->stream.ssl) != 1)
        stream_die("TLS");
}

static void greet(struct client *client, int port, const char *trust)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((unsigned short)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int on = 1;

    client->stream.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(client->stream.fd, (struct sockaddr *)&address, sizeof address) != 0)
        stream_die("connect");
    (void)setsockopt(client->stream.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    expect(client, "220");
    say(client, "EHLO bench.test\r\n");
    expect(client, "250");
    say(client, "STARTTLS\r\n");
    expect(client, "220");
    start_tls(client, trust);
    say(client, "EHLO bench.test\r\n");
    expect(client, "250");
}

static void authenticate(struct client *client, const char *mechanism)
{
    char response[COMMAND_MAX / 2];
    int length;

    if (strcmp(mechanism, "login") == 0) {
        say(client, "AUTH LOGIN\r\n");
        expect(client, "334");
        say_base64(client, client->user, strlen(client->user));
        expect(client, "334");
        say_base64(client, client->secret, strlen(client->secret));
    } else {
        say(client, "AUTH XOAUTH2\r\n");
        expect(client, "334");
        length = snprintf(response, sizeof response, "user=%s\001auth=Bearer %s\001\001",
                          client->user, client->secret);
        if (length < 0 || (size_t)length >= sizeof response)
            stream_die("the token is too long");
        say_base64(client, response, (size_t)length);
    }
    expect(client, "235");
}

static size_t envelope(const struct client *client, char *text, size_t size)
{
    int length = snprintf(text, size, "MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n", client->sender,
                          client->recipient);

    if (length < 0 || (size_t)length >= size)
        stream_die("the addresses are too long");
    return (size_t)length;
}

/* The file, its final dot, and what travels behind it. */
static void send_body(struct client *client, const char *path, const char *behind, size_t size)
{
    static char block[262144];
    size_t got;
    FILE *file = fopen(path, "rbe");

    if (!file)
        stream_die(path);
    while ((got = fread(block, 1, sizeof block - 4096, file)) == sizeof block - 4096)
        stream_write(&client->stream, block, got);
    memcpy(block + got, ".\r\n", 3);
    memcpy(block + got + 3, behind, size);
    stream_write(&client->stream, block, got + 3 + size);
    (void)fclose(file);
}

static void send_all(struct client *client, char **files, int count)
{
    char text[2048];
    size_t size = envelope(client, text, sizeof text);

    stream_write(&client->stream, text, size);
    for (int i = 0; i < count; i++) {
        expect(client, "250");
        expect(client, "250");
        expect(client, "354");
        if (i == count - 1)
            size = (size_t)snprintf(text, sizeof text, "QUIT\r\n");
        send_body(client, files[i], text, size);
        expect(client, "250");
    }
    expect(client, "221");
}

int main(int argc, char **argv)
{
    static struct client client;

    if (argc < 8 || !getenv("BENCH_SECRET")) {
        (void)fprintf(stderr, "usage: BENCH_SECRET=... bench-raw login|xoauth2 PORT CA_FILE|"
                              "CA_FOLDER USER SENDER RECIPIENT FILE...\n");
        return 64;
    }
    client.user = argv[4];
    client.secret = getenv("BENCH_SECRET");
    client.sender = argv[5];
    client.recipient = argv[6];
    greet(&client, (int)strtol(argv[2], NULL, 10), argv[3]);
    authenticate(&client, argv[1]);
    send_all(&client, argv + 7, argc - 7);
    (void)SSL_shutdown(client.stream.ssl);
    (void)close(client.stream.fd);
    return 0;
}
