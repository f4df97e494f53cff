/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc/own.h"

enum { LOWEST_FD = 500 };

static int board = -1;
static dev_t device;
static ino_t inode;

static const char *
find(const char *text, const char *end, const char *key)
{
	const char *value = NULL;
	size_t length = strlen(key);

	/* The last one counts, as everywhere. */
	for (; text < end; text += strlen(text) + 1)
		if (strncmp(text, key, length) == 0 && text[length] == '=')
			value = text + length + 1;
	return value;
}

static uint64_t
number(const char *value, int base)
{
	return value == NULL ? 0 : strtoull(value, NULL, base);
}

/* Children come by a path, with --follow, out of the way as the first one. */
static int
open_board(const char *name)
{
	int fd, high;

	if (name[0] != '/')
		return atoi(name);
	fd = open(name, O_RDWR | O_APPEND | O_CLOEXEC);
	high = fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_FD);
	if (high == -1)
		return fd;
	close(fd);
	return high;
}

/* All of the file, and a NUL, in memory that stays. */
static int
load(const char **text, const char **end)
{
	const char *name = getenv("PMT_RUN");
	struct stat st;
	ssize_t size;
	char *copy;

	if (name == NULL)
		return -ENOENT;
	board = open_board(name);
	if (fstat(board, &st) == -1)
		return -errno;
	device = st.st_dev;
	inode = st.st_ino;
	copy = pmt_own_get((size_t)st.st_size + 1);
	if (copy == NULL)
		return -ENOMEM;
	size = pread(board, copy, (size_t)st.st_size, 0);
	if (size == -1)
		return -errno;
	*text = copy;
	*end = copy + size;
	return 0;
}

/* Did a process write on the board?  PID 0: any. */
static bool
has_begun(const char *text, const char *end, long pid)
{
	char *key;
	long writer;

	for (; text < end; text += strlen(text) + 1) {
		writer = strtol(text, &key, 10);
		if (key != text && (pid == 0 || pid == writer) &&
		    (strncmp(key, " python=", 8) == 0 ||
		     strncmp(key, " forked=", 8) == 0))
			return true;
	}
	return false;
}

/* The log of a child that is followed stands beside the first one. */
static const char *
path_beside(const char *output, bool again)
{
	size_t room = strlen(output) + 1, n = 0;
	struct stat st;
	char *path;

	if (stat(output, &st) == 0 && S_ISDIR(st.st_mode))
		return output;
	path = pmt_own_get(room + 256);
	if (path == NULL)
		return output;
	memcpy(path, output, room);
	/* It may have one already, and have become another program by exec. */
	do {
		n += 24;
		sprintf(path + strlen(path), ".%jd", (intmax_t)getpid());
	} while (again && n < 240 && access(path, F_OK) == 0);
	return path;
}

/* The tracker of multiprocessing holds nothing of the program. */
static bool
is_helper(void)
{
	static const char name[] = "multiprocessing.resource_tracker";
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	char line[4096];
	ssize_t n;

	if (fd == -1)
		return false;
	n = read(fd, line, sizeof(line));
	close(fd);
	return n > 0 && memmem(line, (size_t)n, name, sizeof(name) - 1);
}

int
pmt_settings_read(struct pmt_settings *settings)
{
	const char *text = NULL, *end = NULL, *tracer, *value;
	int err = load(&text, &end);

	if (err < 0)
		return err;
	tracer = find(text, end, "tracer");
	if (tracer == NULL)
		return -ENOENT;
	settings->probes = strcmp(tracer, "probes") == 0;
	if (!settings->probes && strcmp(tracer, "allocations") != 0)
		return -ENOENT;
	settings->output = find(text, end, "output");
	settings->follow = find(text, end, "follow") != NULL;
	if (settings->follow && is_helper())
		return -ENOENT;
	if (settings->follow && settings->output != NULL &&
	    has_begun(text, end, 0))
		settings->output = path_beside(settings->output,
					       has_begun(text, end, getpid()));
	settings->message = find(text, end, "message");
	if (settings->message == NULL)
		settings->message = "";
	settings->objects = find(text, end, "objects") != NULL;
	settings->native = find(text, end, "native") != NULL;
	settings->sample = number(find(text, end, "sample"), 10);
	settings->mode = (unsigned int)number(find(text, end, "mode"), 8);
	value = find(text, end, "summary");
	settings->summary = value != NULL;
	settings->interval = value == NULL ? 0
		: (uint64_t)(strtod(value, NULL) * 1e9);
	return 0;
}

void
pmt_settings_tell(const char *key, const char *value)
{
	char entry[4200];
	struct stat st;
	int n, before = errno;

	n = snprintf(entry, sizeof(entry), "%jd %s=%s", (intmax_t)getpid(),
		     key, value);
	if (n > 0 && (size_t)n < sizeof(entry) && fstat(board, &st) == 0 &&
	    st.st_dev == device && st.st_ino == inode)
		pmt_ignore((int)write(board, entry, (size_t)n + 1));
	errno = before;
}

void
pmt_settings_unload(void)
{
	/* pmt-run puts us before whatever else is to be loaded. */
	const char *loaded = getenv("LD_PRELOAD");
	const char *rest = loaded == NULL ? NULL : strchr(loaded, ':');

	if (rest != NULL && rest[1] != '\0')
		setenv("LD_PRELOAD", rest + 1, 1);
	else
		unsetenv("LD_PRELOAD");
}
