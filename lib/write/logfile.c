/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "write/logfile.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log/logtail.h"
#include "sample/clock.h"

#define FLUSH_NS UINT64_C(1000000000)

/* To write so many rows at once costs what a tail file does. */
enum { UNSETTLED_ROWS = 32 };

#define LATE_NS UINT64_C(50000000)

char *
pmt_logfile_absolute(const char *path)
{
	char *directory, *absolute = NULL;

	if (path[0] == '/')
		return strdup(path);
	directory = getcwd(NULL, 0);
	if (directory == NULL)
		return NULL;
	if (asprintf(&absolute, "%s/%s", directory, path) == -1)
		absolute = NULL;
	free(directory);
	return absolute;
}

int
pmt_logfile_unused(const char *path, bool (*in_use)(const char *path),
		   char **unused)
{
	char *first;
	unsigned int n = 0;

	*unused = NULL;
	if (path == NULL)
		return 0;
	first = *unused = pmt_logfile_absolute(path);
	if (first == NULL)
		return errno != 0 ? -errno : -ENOMEM;
	if (strncmp(first, "/dev/", 5) == 0)
		return 0;
	while (*unused != NULL && in_use(*unused)) {
		if (*unused != first)
			free(*unused);
		if (asprintf(unused, "%s.%u", first, ++n) == -1)
			*unused = NULL;
	}
	if (*unused != first)
		free(first);
	return *unused == NULL ? -ENOMEM : 0;
}

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
open_log(struct pmt_logfile *file, const char *path, bool exclusive)
{
	const struct pmt_recorder_options options = {
		.exclusive = exclusive,
		.unbuffered = file->unsettled > 0,
		.late = file->late_until != 0,
		.ring = file->ring,
		.limit = file->limit,
		.mode = file->mode,
	};

	return file->open(path, &options, &file->log);
}

/* A generated name that some other process took meanwhile is passed over. */
static int
open_generated(struct pmt_logfile *file, const char *directory)
{
	char path[PATH_MAX];
	int err;

	do {
		err = pmt_logname_make(&file->name, directory, path,
				       sizeof(path));
		if (err < 0)
			return err;
		err = open_log(file, path, true);
	} while (err == -EEXIST);
	if (err == 0)
		file->path = strdup(path);
	return err;
}

/* A log that another process writes stays its own: PATH.1, PATH.2 then. */
static int
open_named(struct pmt_logfile *file, const char *path)
{
	char *name = strdup(path);
	int err = name == NULL ? -ENOMEM : open_log(file, name, false);

	for (unsigned int n = 1; err == -EBUSY && n < 1000; n++) {
		free(name);
		if (asprintf(&name, "%s.%u", path, n) == -1)
			return -ENOMEM;
		err = open_log(file, name, false);
	}
	if (err == 0)
		file->path = name;
	else
		free(name);
	return err;
}

int
pmt_logfile_open(struct pmt_logfile *file, const char *path,
		 const struct pmt_logfile_options *options, char **failed)
{
	struct pmt_logfile new = {
		.name = options->name,
		.open = options->open,
		.limit = options->limit,
		.ring = options->ring,
		.mode = options->mode,
		.unsettled = UNSETTLED_ROWS,
	};
	char *absolute = path != NULL ? pmt_logfile_absolute(path)
				      : getcwd(NULL, 0);
	int err;

	*failed = absolute;
	if (absolute == NULL)
		return errno != 0 ? -errno : -ENOMEM;
	new.named = path != NULL && !is_directory(absolute);
	err = new.named ? open_named(&new, absolute)
			: open_generated(&new, absolute);
	if (err < 0)
		return err;
	new.flushed = pmt_ticks();
	*file = new;
	free(absolute);
	*failed = NULL;
	return 0;
}

void
pmt_logfile_period(struct pmt_logfile *file, uint64_t ns)
{
	file->flush_period = ns == 0 ? UINT64_MAX : pmt_ticks_from_ns(ns);
	file->unsettled = 0;
}

static bool
is_late_no_more(const struct pmt_logfile *file, uint64_t ticks)
{
	return file->late_until != 0 && ticks > file->late_until;
}

void
pmt_logfile_flush(struct pmt_logfile *file, uint64_t ticks)
{
	pmt_recorder_flush(file->log);
	file->flushed = ticks;
	if (file->unsettled == 0)
		return;
	/* Where rows are lost, more of them in one piece are as good. */
	file->unsettled = file->log->error != 0 || is_late_no_more(file, ticks)
				  ? 0 : file->unsettled - 1;
	if (file->unsettled == 0) {
		pmt_recorder_settle(file->log);
		file->flush_period = pmt_ticks_from_ns(FLUSH_NS);
	}
}

int
pmt_logfile_close(struct pmt_logfile *file, const struct pmt_note *last)
{
	int err;

	if (file->log != NULL)
		file->left_out = file->log->left_out;
	err = pmt_recorder_close(file->log, last);
	/* What a daemon's parent left by _exit(2), nobody else may come by. */
	if (file->log != NULL && file->parent_path != NULL)
		pmt_ignore(pmt_logtail_join(file->parent_path));
	file->log = NULL;
	return err;
}

void
pmt_logfile_fini(struct pmt_logfile *file)
{
	(void)pmt_logfile_close(file, NULL);
	free(file->path);
	free(file->parent_path);
	memset(file, 0, sizeof(*file));
}

void
pmt_logfile_inherit(struct pmt_logfile *file)
{
	file->inherited = true;
	if (file->log != NULL)
		pmt_recorder_abandon(file->log);
	file->log = NULL;
}

int
pmt_logfile_open_inherited(struct pmt_logfile *file)
{
	char *mine = NULL, *slash;
	int err = -ENOMEM;

	file->inherited = false;
	file->late_until = pmt_ticks() + pmt_ticks_from_ns(LATE_NS);
	/* A summary has its own period. */
	if (!pmt_encoding_keeps_books(file->name.encoding)) {
		file->unsettled = UNSETTLED_ROWS;
		file->flush_period = 0;
	}
	free(file->parent_path);
	file->parent_path = file->path;
	file->path = NULL;
	if (file->parent_path == NULL)
		return err;
	if (file->named) {
		if (asprintf(&mine, "%s.%jd", file->parent_path,
			     (intmax_t)getpid()) == -1)
			return err;
		err = open_named(file, mine);
	} else {
		mine = strdup(file->parent_path);
		slash = mine == NULL ? NULL : strrchr(mine, '/');
		if (slash == NULL)
			return err;
		*slash = '\0';
		err = open_generated(file, mine);
	}
	free(mine);
	return err;
}
