/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/dtrace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/tool.h"
#include "run/probes.h"
#include "run/status.h"

/* What is offered; several are one script in other circumstances. */
static const struct {
	const char *name, *file, *what;
	bool objects, no_pymalloc;
} scripts[] = {
	{ "flow", "flow", "calls and returns of Python functions, with times",
	  false, false },
	{ "flow-rss", "flow-rss", "the same with resident memory",
	  false, false },
	{ "malloc", "malloc", "bytes and sizes taken from malloc, by function",
	  false, false },
	{ "malloc-flow", "malloc-flow", "each block of malloc, and each free",
	  false, false },
	{ "malloc-calls", "malloc-calls", "the same, between the calls that "
	  "make them", false, false },
	{ "objects", "malloc-flow", "each block of Python's allocators",
	  true, false },
	{ "objects-raw", "malloc-flow", "the same, with Python doing without "
	  "pymalloc", false, true },
	{ "types", "types", "objects by type: made where, how many alive "
	  "(Python 3.13)", false, false },
	{ "syscalls", "syscalls", "system calls between the calls that make "
	  "them", false, false },
};

void
run_dtrace_list(void)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(scripts); i++)
		printf("%-14s%s\n", scripts[i].name, scripts[i].what);
}

static char *
format(const char *directory, const char *name, const char *ending)
{
	char *path;

	if (asprintf(&path, "%s/%s%s", directory, name, ending) == -1)
		cli_die(RUN_FAILED, ENOMEM, "cannot name a file");
	return path;
}

/* NAME in DIRECTORY if it can be read (MODE R_OK) or run; else NULL. */
static char *
look(const char *directory, const char *name, const char *ending, int mode)
{
	char *path = format(directory, name, ending);
	struct stat st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, mode) == 0)
		return path;
	free(path);
	return NULL;
}

/* The dtrace of SystemTap makes headers, and is written in Python. */
static bool
is_tracer(const char *path)
{
	char line[64] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd == -1 ? -1 : read(fd, line, sizeof(line) - 1);

	if (fd != -1)
		close(fd);
	return n > 0 && !(line[0] == '#' && strstr(line, "python") != NULL);
}

static char *
find_tool(const char *name)
{
	const char *path = getenv("PATH");
	char *list, *rest, *directory, *tool = NULL;

	if (asprintf(&list, "%s:/usr/sbin:/usr/local/sbin",
		     path == NULL ? "/usr/bin" : path) == -1)
		return NULL;
	rest = list;
	while (tool == NULL && (directory = strsep(&rest, ":")) != NULL) {
		tool = look(directory, name, "", X_OK);
		if (tool != NULL && !is_tracer(tool)) {
			free(tool);
			tool = NULL;
		}
	}
	free(list);
	return tool;
}

/* In the build tree, a prefix that was moved, or where it was installed. */
static char *
find_script(const char *name, bool d)
{
	char self[PATH_MAX], *script = NULL;
	const char *here = cli_here(self);
	const char *ending = d ? ".d" : ".bt";

	for (int i = 0; i < 3 && script == NULL; i++) {
		static const char *const places[] = {
			"/../dtrace", "/../share/" PACKAGE "/dtrace",
		};
		char *directory = i == 2 ? strdup(PKGDATADIR "/dtrace")
					 : format(here, "", places[i]);

		if (directory != NULL)
			script = look(directory, name, ending, R_OK);
		free(directory);
	}
	return script;
}

static bool
ends_with(const char *name, const char *ending)
{
	size_t length = strlen(name), more = strlen(ending);

	return length > more && strcmp(name + length - more, ending) == 0;
}

/* In one line each, what is missing and how to get it. */
static void
check_system(void)
{
#ifdef HAVE_SYS_SDT_H
	const bool probes = true;
#else
	const bool probes = false;
#endif

	if (!probes)
		cli_die(RUN_FAILED, 0, "--dtrace: pmt was built without "
			"probes: install sys/sdt.h (Debian: "
			"systemtap-sdt-dev) and build it again");
	if (geteuid() != 0)
		cli_die(RUN_FAILED, 0, "--dtrace: only root may trace by the "
			"kernel: sudo pmt-run --dtrace ...");
	if (access("/sys/bus/event_source/devices/uprobe", F_OK) == -1)
		cli_die(RUN_FAILED, 0, "--dtrace: this kernel has no uprobes, "
			"or /sys is not mounted (CONFIG_UPROBE_EVENTS)");
}

/* A name of the list: bpftrace runs it, or dtrace. */
static void
find_by_name(struct run_dtrace *dtrace, const char *name)
{
	size_t i = 0;

	while (i < PMT_ARRAY_SIZE(scripts) &&
	       strcmp(scripts[i].name, name) != 0)
		i++;
	if (i == PMT_ARRAY_SIZE(scripts))
		cli_die(RUN_FAILED, 0, "--dtrace: there is no script '%s': see "
			"--dtrace list, or name a file with its path", name);
	dtrace->objects = scripts[i].objects;
	dtrace->no_pymalloc = scripts[i].no_pymalloc;
	dtrace->d = dtrace->tool == NULL;
	dtrace->script = find_script(scripts[i].file, dtrace->d);
	if (dtrace->script == NULL)
		cli_die(RUN_FAILED, 0, "--dtrace: script '%s' is missing from "
			"'%s'", scripts[i].file, PKGDATADIR "/dtrace");
}

void
run_dtrace_find(struct run_dtrace *dtrace, const char *name)
{
	bool by_path = strchr(name, '/') != NULL;

	check_system();
	dtrace->d = by_path && ends_with(name, ".d");
	if (!dtrace->d)
		dtrace->tool = find_tool("bpftrace");
	if (by_path)
		dtrace->script = strdup(name);
	else
		find_by_name(dtrace, name);
	if (dtrace->tool == NULL && (dtrace->d || !by_path))
		dtrace->tool = find_tool("dtrace");
	if (dtrace->tool == NULL)
		cli_die(RUN_FAILED, 0, "--dtrace: no %s here: install one "
			"(Debian: bpftrace; dtrace from Debian 14 on)",
			dtrace->d && by_path ? "dtrace"
			: by_path ? "bpftrace" : "bpftrace and no dtrace");
	dtrace->probes = run_probes_of(dtrace->script, dtrace->d);
}

void
run_dtrace_free(struct run_dtrace *dtrace)
{
	free(dtrace->script);
	free(dtrace->tool);
}
