/* SPDX-License-Identifier: MIT */
/* The accept loop; see smtp_listener.h. */
#include "smtp_listener.h"

#include "emulator.h"
#include "net.h"
#include "smtp_session.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { THREAD_STACK = 256 * 1024 };

struct connection {
    struct smtp_listener *listener;
    int fd;
    int64_t id;
};

int smtp_listener_init(struct smtp_listener *listener, struct emulator *emulator)
{
    *listener = (struct smtp_listener){.emulator = emulator, .wake = {-1, -1}, .next_id = 1};
    pthread_mutex_init(&listener->lock, NULL);
    pthread_cond_init(&listener->idle, NULL);
    listener->fd = net_bind_loopback(&listener->port);
    return listener->fd < 0 || pipe2(listener->wake, O_CLOEXEC) != 0 ? -1 : 0;
}

void smtp_listener_release(struct smtp_listener *listener)
{
    int fds[] = {listener->fd, listener->wake[0], listener->wake[1]};
    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    pthread_cond_destroy(&listener->idle);
    pthread_mutex_destroy(&listener->lock);
}

static bool enter(struct smtp_listener *listener, struct connection *connection)
{
    pthread_mutex_lock(&listener->lock);
    bool room = listener->count < SMTP_MAXIMUM_THREADS;
    if (room) {
        listener->connections[listener->count++] = connection->fd;
        connection->id = listener->next_id++;
    }
    pthread_mutex_unlock(&listener->lock);
    return room;
}

/* The descriptor is closed here, under the lock, so that a stop never shuts a reused one down. */
static void leave(struct smtp_listener *listener, struct smtp_session *session, int fd)
{
    pthread_mutex_lock(&listener->lock);
    for (size_t i = 0; i < listener->count; i++) {
        if (listener->connections[i] == fd) {
            listener->connections[i] = listener->connections[--listener->count];
            break;
        }
    }
    if (session != NULL) {
        smtp_session_release(session);
    } else {
        close(fd);
    }
    pthread_cond_signal(&listener->idle);
    pthread_mutex_unlock(&listener->lock);
}

static void *run(void *argument)
{
    struct connection connection = *(struct connection *)argument;
    free(argument);
    struct smtp_session *session =
        smtp_session_new(connection.listener->emulator, connection.fd, connection.id);
    if (session != NULL) {
        smtp_session_run(session);
    }
    leave(connection.listener, session, connection.fd);
    return NULL;
}

static void refuse(int fd)
{
    static const char busy[] = "421 4.3.2 Service not available, too many connections\r\n";
    (void)send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
}

static void serve(struct smtp_listener *listener, int fd)
{
    struct connection *connection = malloc(sizeof(*connection));
    if (connection == NULL) {
        refuse(fd);
        return;
    }
    *connection = (struct connection){.listener = listener, .fd = fd};
    if (!enter(listener, connection)) {
        free(connection);
        refuse(fd);
        return;
    }
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, THREAD_STACK);
    if (pthread_create(&thread, &attributes, run, connection) != 0) {
        free(connection);
        leave(listener, NULL, fd);
    }
    pthread_attr_destroy(&attributes);
}

static void *accept_loop(void *argument)
{
    struct smtp_listener *listener = argument;
    struct pollfd wait[2] = {{.fd = listener->fd, .events = POLLIN},
                             {.fd = listener->wake[0], .events = POLLIN}};
    while (poll(wait, 2, -1) >= 0 && wait[1].revents == 0) {
        int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) {
            serve(listener, fd);
        }
    }
    return NULL;
}

int smtp_listener_start(struct smtp_listener *listener)
{
    if (listen(listener->fd, SOMAXCONN) != 0 ||
        pthread_create(&listener->thread, NULL, accept_loop, listener) != 0) {
        return -1;
    }
    listener->running = true;
    return 0;
}

void smtp_listener_stop(struct smtp_listener *listener)
{
    if (!listener->running) {
        return;
    }
    listener->running = false;
    (void)!write(listener->wake[1], "", 1);
    pthread_join(listener->thread, NULL);
    pthread_mutex_lock(&listener->lock);
    for (size_t i = 0; i < listener->count; i++) {
        shutdown(listener->connections[i], SHUT_RDWR);
    }
    while (listener->count > 0) {
        pthread_cond_wait(&listener->idle, &listener->lock);
    }
    pthread_mutex_unlock(&listener->lock);
}

bool smtp_listener_admit(struct smtp_listener *listener, size_t maximum)
{
    pthread_mutex_lock(&listener->lock);
    bool room = listener->authenticated < maximum;
    listener->authenticated += room;
    pthread_mutex_unlock(&listener->lock);
    return room;
}

void smtp_listener_leave(struct smtp_listener *listener)
{
    pthread_mutex_lock(&listener->lock);
    listener->authenticated--;
    pthread_mutex_unlock(&listener->lock);
}
