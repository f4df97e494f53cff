/* SPDX-License-Identifier: MIT */
/* attach.c - run the tool of --dtrace, also on a process that runs already. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "run/dtrace.h"
#include "run/probes.h"
#include "run/status.h"

/* Newer ones warn of what older ones want written so. */
static bool
can_be_silent(const char *bpftrace)
{
	char *command, line[256];
	bool can = false;
	FILE *help;

	if (asprintf(&command, "'%s' --help 2>&1", bpftrace) == -1)
		return false;
	help = popen(command, "re");
	while (help != NULL && fgets(line, sizeof(line), help) != NULL)
		can |= strstr(line, "--no-warnings") != NULL;
	if (help != NULL)
		pclose(help);
	free(command);
	return can;
}

static int
redirect(const char *output)
{
	int fd = output == NULL ? 2 : open(output, O_WRONLY | O_CREAT |
					   O_TRUNC | O_CLOEXEC, 0600);

	if (fd == -1)
		cli_die(RUN_FAILED, errno, "cannot write '%s'", output);
	return dup2(fd, 1) == -1 ? -errno : 0;
}

int
run_dtrace_exec(const struct run_dtrace *dtrace, pid_t pid,
		const char *provider)
{
	const char *argv[16], **next = argv;
	bool python = strcmp(provider, "python") == 0;
	char number[16], *copy = strdup(dtrace->script);
	int err = redirect(dtrace->output);

	if (err < 0)
		return err;
	snprintf(number, sizeof(number), "%d", pid);
	*next++ = dtrace->tool;
	if (dtrace->d) {
		/* What the last two are, dtrace says itself: see -D of cpp. */
		*next++ = "-Cqs";
		*next++ = dtrace->script;
		*next++ = "-I";
		*next++ = copy == NULL ? "." : dirname(copy);
		*next++ = "-D";
		*next++ = python ? "PYTHON_PROBES" : "PMT_PROBES";
		*next++ = "-D";
		*next++ = dtrace->whole_paths ? "FULL_FILE_PATH"
					      : "BASE_FILE_PATH";
		*next++ = "-p";
		*next++ = number;
	} else {
		*next++ = "-q";
		if (can_be_silent(dtrace->tool))
			*next++ = "--no-warnings";
		*next++ = "-p";
		*next++ = number;
		*next++ = dtrace->script;
		*next++ = provider;
		*next++ = number;
		*next++ = dtrace->whole_paths ? "1" : "0";
	}
	*next = NULL;
	execv(dtrace->tool, (char *const *)argv);
	return -errno;
}

/* Has this file probes of CPython's own for functions? */
static bool
has_function_probes(const char *path)
{
	static const char note[] = "python\0function__entry";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map = MAP_FAILED;
	bool has;

	if (fd != -1 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
			   fd, 0);
	if (fd != -1)
		close(fd);
	if (map == MAP_FAILED)
		return false;
	has = memmem(map, (size_t)st.st_size, note, sizeof(note)) != NULL;
	munmap(map, (size_t)st.st_size);
	return has;
}

/* What has a process loaded that fires probes? */
struct loaded {
	bool extension, library, python;
};

static void
look_at(struct loaded *loaded, pid_t pid, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	char *inside;

	if (strncmp(name, "_pmt.", 5) == 0) {
		loaded->extension = true;
	} else if (strcmp(name, "libpmt-alloc.so") == 0) {
		loaded->library = true;
	} else if (strncmp(name, "python", 6) == 0 ||
		   strncmp(name, "libpython", 9) == 0) {
		/* In its own mount namespace. */
		if (asprintf(&inside, "/proc/%d/root%s", pid, path) == -1)
			return;
		loaded->python |= has_function_probes(inside);
		free(inside);
	}
}

static struct loaded
find_loaded(pid_t pid)
{
	struct loaded loaded = { false, false, false };
	char path[32], *line = NULL, *before = NULL, *file;
	size_t size = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	if (maps == NULL)
		cli_die(RUN_FAILED, errno, "cannot look at process %d", pid);
	while (getline(&line, &size, maps) != -1) {
		line[strcspn(line, "\n")] = '\0';
		file = strchr(line, '/');
		if (file == NULL ||
		    (before != NULL && strcmp(before, file) == 0))
			continue;
		look_at(&loaded, pid, file);
		free(before);
		before = strdup(file);
	}
	free(before);
	free(line);
	fclose(maps);
	return loaded;
}

void
run_dtrace_attach(const struct run_dtrace *dtrace, pid_t pid)
{
	struct loaded loaded = find_loaded(pid);
	unsigned int others = dtrace->probes & ~(unsigned)RUN_OF_FUNCTIONS;
	bool python = loaded.python && !loaded.extension && others == 0;

	if ((dtrace->probes & RUN_OF_LIBRARY) && !loaded.library)
		cli_die(RUN_FAILED, 0, "process %d has no probe of malloc: "
			"start its program with pmt-run --probes", pid);
	if ((dtrace->probes & ~(unsigned)RUN_OF_LIBRARY) && !loaded.extension &&
	    !python)
		cli_die(RUN_FAILED, 0, "process %d has no probes: start its "
			"program with pmt-run --probes, or with a Python that "
			"has its own (3.15, Debian's up to 3.11)", pid);
	cli_die(RUN_FAILED,
		run_dtrace_exec(dtrace, pid, python ? "python" : PACKAGE),
		"cannot run '%s'", dtrace->tool);
}
