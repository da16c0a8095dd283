/* SPDX-License-Identifier: MIT */
/*
 * From names to addresses. getaddrinfo() and freeaddrinfo() are the ones below, in place of the
 * system's: they answer as slowly and as oddly as a test wants, and nobody is asked.
 */
#include "cunit_main.h"
#include "loopback.h"
#include "net/clock.h"
#include "smtp/smtp_resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdatomic.h>

/* What the system will say about the next name. */
static struct {
    int result;
    int delay_ms;
    const char *const *literals;
    size_t count;
} answer;

static atomic_int answers_made, answers_freed;

static struct addrinfo *make_entry(const char *literal)
{
    struct addrinfo *made = calloc(1, sizeof *made + sizeof(struct sockaddr_in6));
    int is_ipv6 = strchr(literal, ':') != NULL;
    struct sockaddr *name;

    loopback_need(made != NULL, "memory");
    name = (struct sockaddr *)(made + 1);
    made->ai_family = is_ipv6 ? AF_INET6 : AF_INET;
    made->ai_addr = name;
    made->ai_addrlen = is_ipv6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    name->sa_family = (sa_family_t)made->ai_family;
    loopback_need(inet_pton(made->ai_family, literal,
                            is_ipv6 ? (void *)&((struct sockaddr_in6 *)name)->sin6_addr
                                    : (void *)&((struct sockaddr_in *)name)->sin_addr) == 1,
                  literal);
    return made;
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    struct addrinfo **end = found;

    (void)host;
    (void)service;
    (void)hints;
    (void)usleep((useconds_t)answer.delay_ms * 1000);
    *found = NULL;
    for (size_t i = 0; answer.result == 0 && i < answer.count; i++) {
        *end = make_entry(answer.literals[i]);
        end = &(*end)->ai_next;
    }
    answers_made++;
    return answer.result;
}

void freeaddrinfo(struct addrinfo *found)
{
    while (found) {
        struct addrinfo *next = found->ai_next;

        free(found);
        found = next;
    }
    answers_freed++;
}

/* ---- asking ---- */

struct asked {
    struct acsmtp_context *context;
    struct smtp_addresses addresses;
    struct acsmtp_error err;
    int64_t took;
};

static int ask(struct asked *asked, const char *host, int64_t timeout_ms)
{
    struct smtp_limit limit = smtp_limit_from_now(asked->context, "connection", timeout_ms);
    int status = smtp_resolve(host, 587, &limit, &asked->addresses, &asked->err);

    asked->took = net_now() - limit.since;
    return status;
}

static void begin(struct asked *asked, int result, const char *const *literals, size_t count)
{
    *asked = (struct asked){.err = ACSMTP_ERROR_INIT};
    loopback_need(acsmtp_context_new(&asked->context, &asked->err) == ACSMTP_OK, "a context");
    answer.result = result;
    answer.delay_ms = 0;
    answer.literals = literals;
    answer.count = count;
}

static void end(struct asked *asked)
{
    acsmtp_context_free(asked->context);
}

/* The addresses as text, one behind the other. */
static const char *told(const struct asked *asked)
{
    static char text[1024];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < asked->addresses.count; i++) {
        const struct smtp_address *address = &asked->addresses.list[i];
        char literal[INET6_ADDRSTRLEN];
        int is_ipv6 = address->name.any.sa_family == AF_INET6;

        (void)inet_ntop(address->name.any.sa_family,
                        is_ipv6 ? (const void *)&address->name.ipv6.sin6_addr
                                : (const void *)&address->name.ipv4.sin_addr,
                        literal, sizeof literal);
        CU_ASSERT_EQUAL(ntohs(is_ipv6 ? address->name.ipv6.sin6_port : address->name.ipv4.sin_port),
                        587);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? " " : "", literal);
    }
    return text;
}

static void literals_and_localhost_ask_nobody(void)
{
    static const char *const hosts[][2] = {
        {"127.0.0.1", "127.0.0.1"},     {"192.0.2.7", "192.0.2.7"},
        {"2001:db8::7", "2001:db8::7"}, {"localhost", "127.0.0.1 ::1"},
        {"LOCALHOST", "127.0.0.1 ::1"}, {"mx.localhost", "127.0.0.1 ::1"}};
    struct asked asked;
    int before = answers_made;

    begin(&asked, EAI_FAIL, NULL, 0);
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        CU_ASSERT_EQUAL(ask(&asked, hosts[i][0], 1000), ACSMTP_OK);
        CU_ASSERT_STRING_EQUAL(told(&asked), hosts[i][1]);
    }
    CU_ASSERT_EQUAL(answers_made, before);
    end(&asked);
}

static void families_take_turns(void)
{
    static const char *const mixed[] = {"2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1",
                                        "192.0.2.2"};
    struct asked asked;

    begin(&asked, 0, mixed, 5);
    CU_ASSERT_EQUAL(ask(&asked, "mail.example", 1000), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(told(&asked), "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 2001:db8::3");
    end(&asked);
    begin(&asked, 0, mixed + 2, 3);
    CU_ASSERT_EQUAL(ask(&asked, "mail.example", 1000), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(told(&asked), "2001:db8::3 192.0.2.1 192.0.2.2");
    end(&asked);
}

static void more_addresses_than_anybody_tries_are_cut(void)
{
    const char *many[3 * SMTP_ADDRESSES_MAX];
    struct asked asked;

    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++)
        many[i] = "192.0.2.1";
    begin(&asked, 0, many, sizeof many / sizeof many[0]);
    CU_ASSERT_EQUAL(ask(&asked, "mail.example", 1000), ACSMTP_OK);
    CU_ASSERT_EQUAL(asked.addresses.count, SMTP_ADDRESSES_MAX);
    end(&asked);
}

static void refusals_of_the_resolver_are_told(void)
{
    struct asked asked;

    begin(&asked, EAI_NONAME, NULL, 0);
    CU_ASSERT_EQUAL(ask(&asked, "no.example", 1000), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(asked.err.code, "dns");
    CU_ASSERT_STRING_EQUAL(asked.err.message, "the host name cannot be resolved");
    end(&asked);
    begin(&asked, EAI_AGAIN, NULL, 0);
    CU_ASSERT_EQUAL(ask(&asked, "no.example", 1000), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(asked.err.code, "dns");
    CU_ASSERT_PTR_NOT_NULL(strstr(asked.err.message, "Temporary failure in name resolution"));
    end(&asked);
    begin(&asked, 0, NULL, 0);
    CU_ASSERT_EQUAL(ask(&asked, "empty.example", 1000), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(asked.err.code, "dns");
    end(&asked);
}

/* ---- answers that come late ---- */

static const char *const one[] = {"192.0.2.1"};

/* Until the thread has let go of an answer that nobody waits for. */
static void wait_for_late_answer(int freed)
{
    for (int i = 0; i < 300 && answers_freed < freed; i++)
        (void)usleep(10000);
    CU_ASSERT_EQUAL(answers_freed, freed);
}

static void nobody_waits_beyond_the_limit(void)
{
    int freed = answers_freed + 1;
    struct asked asked;

    begin(&asked, 0, one, 1);
    answer.delay_ms = 400;
    CU_ASSERT_EQUAL(ask(&asked, "slow.example", 100), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(asked.err.code, "timeout");
    CU_ASSERT_STRING_EQUAL(asked.err.message, "no answer about the host name within 0.1 s");
    CU_ASSERT(asked.took >= 100 && asked.took < 350);
    end(&asked);
    wait_for_late_answer(freed);
}

static void the_deadline_ends_the_wait(void)
{
    int freed = answers_freed + 1;
    struct asked asked;

    begin(&asked, 0, one, 1);
    answer.delay_ms = 400;
    acsmtp_context_set_timeout(asked.context, 100);
    CU_ASSERT_EQUAL(ask(&asked, "slow.example", 30000), ACSMTP_TEMPORARY);
    CU_ASSERT_STRING_EQUAL(asked.err.code, "timeout");
    CU_ASSERT(asked.took < 350);
    end(&asked);
    wait_for_late_answer(freed);
}

static void *cancel_soon(void *data)
{
    (void)usleep(100000);
    acsmtp_context_cancel(data);
    return NULL;
}

static void a_cancellation_ends_the_wait(void)
{
    int freed = answers_freed + 1;
    struct asked asked;
    pthread_t thread;

    begin(&asked, 0, one, 1);
    answer.delay_ms = 400;
    loopback_need(pthread_create(&thread, NULL, cancel_soon, asked.context) == 0, "a thread");
    CU_ASSERT_EQUAL(ask(&asked, "slow.example", 30000), ACSMTP_CANCELLED);
    CU_ASSERT(asked.took < 350);
    (void)pthread_join(thread, NULL);
    end(&asked);
    wait_for_late_answer(freed);
}

static void an_answer_in_time_is_taken(void)
{
    int freed = answers_freed + 1;
    struct asked asked;

    begin(&asked, 0, one, 1);
    answer.delay_ms = 100;
    CU_ASSERT_EQUAL(ask(&asked, "slow.example", 5000), ACSMTP_OK);
    CU_ASSERT_STRING_EQUAL(told(&asked), "192.0.2.1");
    CU_ASSERT(asked.took >= 100 && asked.took < 3000);
    end(&asked);
    wait_for_late_answer(freed);
}

CUNIT_MAIN("smtp_resolve", T(literals_and_localhost_ask_nobody), T(families_take_turns),
           T(more_addresses_than_anybody_tries_are_cut), T(refusals_of_the_resolver_are_told),
           T(nobody_waits_beyond_the_limit), T(the_deadline_ends_the_wait),
           T(a_cancellation_ends_the_wait), T(an_answer_in_time_is_taken))
