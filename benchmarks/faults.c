/* Makes the n-th call that writes below a folder fail, or kills the process there.

   Built and preloaded by benchmarks/crashes.py. A forked run arms it (fault_arm) and asks how many calls there were
   (fault_count). A call is one that changes a file or a name below the folder; on a full disk, one that takes space. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/types.h>
#include <unistd.h>

enum { KILL = -1, KILL_HALF_WAY = -2 }; /* else an errno */

static char root[4096];
static long nth;
static int fault, is_full; /* a full disk stays full, an input or output error strikes once */
static atomic_long calls;

void fault_arm(const char *folder, long at, int what) {
    snprintf(root, sizeof root, "%s", folder);
    nth = at;
    fault = what;
    is_full = 0;
    calls = 0;
}

long fault_count(void) { return calls; }

static int is_below(const char *path) { return root[0] && path && strncmp(path, root, strlen(root)) == 0; }

static int is_ours(int fd) {
    char link[64], path[4096];
    if (!root[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return is_below(path);
}

/* 0: go on; 1: die half way; -1: fail with errno. */
static int strikes(int ours, int takes_space) {
    if (!ours || (fault == ENOSPC && !takes_space)) return 0;
    long call = ++calls;
    if (call > nth && is_full) { errno = ENOSPC; return -1; }
    if (call != nth) return 0;
    if (fault == KILL) raise(SIGKILL);
    if (fault == KILL_HALF_WAY) return 1;
    is_full = fault == ENOSPC;
    errno = fault;
    return -1;
}

#define REAL(type, name) static type (*real)(); if (!real) real = dlsym(RTLD_NEXT, #name)

#define WRITER(name, ...)                                                                       \
    {                                                                                           \
        REAL(ssize_t, name);                                                                    \
        int hit = strikes(is_ours(fd), 1);                                                      \
        if (hit < 0) return -1;                                                                 \
        if (hit > 0) { size /= 2; ((ssize_t(*)())real)(__VA_ARGS__); raise(SIGKILL); }          \
        return ((ssize_t(*)())real)(__VA_ARGS__);                                               \
    }

ssize_t write(int fd, const void *data, size_t size) WRITER(write, fd, data, size)
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) WRITER(pwrite, fd, data, size, at)
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) WRITER(pwrite64, fd, data, size, at)

ssize_t sendfile(int fd, int from, off_t *at, size_t size) WRITER(sendfile, fd, from, at, size)
ssize_t sendfile64(int fd, int from, off64_t *at, size_t size) WRITER(sendfile64, fd, from, at, size)

#define ON_FILE(name, space, signature, ...)        \
    int name signature {                            \
        REAL(int, name);                            \
        int hit = strikes(is_ours(fd), space);      \
        if (hit > 0) raise(SIGKILL);                \
        return hit < 0 ? -1 : real(__VA_ARGS__);    \
    }

ON_FILE(fsync, 0, (int fd), fd)
ON_FILE(fdatasync, 0, (int fd), fd)
ON_FILE(ftruncate, 0, (int fd, off_t size), fd, size)
ON_FILE(ftruncate64, 0, (int fd, off64_t size), fd, size)

#define ON_NAME(name, space, signature, ...)             \
    int name signature {                                 \
        REAL(int, name);                                 \
        int hit = strikes(is_below(path), space);        \
        if (hit > 0) raise(SIGKILL);                     \
        return hit < 0 ? -1 : real(__VA_ARGS__);         \
    }

ON_NAME(mkdir, 1, (const char *path, mode_t mode), path, mode)
ON_NAME(unlink, 0, (const char *path), path)
ON_NAME(rename, 1, (const char *path, const char *to), path, to)

int symlink(const char *to, const char *path) {
    REAL(int, symlink);
    int hit = strikes(is_below(path), 1);
    if (hit > 0) raise(SIGKILL);
    return hit < 0 ? -1 : real(to, path);
}

#define OPENER(name)                                                                       \
    int name(const char *path, int flags, ...) {                                           \
        REAL(int, name);                                                                   \
        va_list rest;                                                                      \
        va_start(rest, flags);                                                             \
        mode_t mode = va_arg(rest, mode_t);                                                \
        va_end(rest);                                                                      \
        int hit = flags & O_CREAT ? strikes(is_below(path), 1) : 0;                        \
        if (hit > 0) raise(SIGKILL);                                                       \
        return hit < 0 ? -1 : real(path, flags, mode);                                     \
    }

OPENER(open)
OPENER(open64)
