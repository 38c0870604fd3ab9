#pragma once

#include <pthread.h>
#include <sys/eventfd.h>
#include <zmq.h>

// What Swift's Glibc does not show: a header that is no part of it, and a GNU extension.

/// An eventfd of value 0, not blocking and not inherited by child programs; -1 and errno on failure.
static inline int czmq_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

/// Names the calling thread: at most 15 bytes.
static inline int czmq_name_thread(const char *name) {
    extern int pthread_setname_np(pthread_t, const char *);
    return pthread_setname_np(pthread_self(), name);
}
