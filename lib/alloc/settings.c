/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc/own.h"

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
number(const char *value)
{
	return value == NULL ? 0 : strtoull(value, NULL, 10);
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
	board = atoi(name);
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
	settings->message = find(text, end, "message");
	if (settings->message == NULL)
		settings->message = "";
	settings->objects = find(text, end, "objects") != NULL;
	settings->native = find(text, end, "native") != NULL;
	settings->sample = number(find(text, end, "sample"));
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
