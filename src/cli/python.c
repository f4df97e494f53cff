/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/python.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/tool.h"

bool
cli_python_names(const char *word)
{
	const char *slash = strrchr(word, '/');

	return strncmp(slash != NULL ? slash + 1 : word, "python", 6) == 0;
}

/* What pip writes where a path is too long for the kernel's first line. */
#define BY_SHELL "#!/bin/sh\n'''exec' "

/*
 * The interpreter of "#!/usr/bin/python3 -E" or "#!/usr/bin/env -S python3".
 * Options are left out, as by "python3 script".
 */
static char *
from_first_line(const char *script)
{
	char line[4096], *rest = line + 2, *word;
	int fd = open(script, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	ssize_t n = -1;

	if (fd == -1)
		return NULL;
	/* What a fifo holds is for the interpreter to read. */
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		n = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (n < 2 || line[0] != '#' || line[1] != '!')
		return NULL;
	line[n] = '\0';
	if (strncmp(line, BY_SHELL, strlen(BY_SHELL)) == 0)
		rest = line + strlen(BY_SHELL);
	rest[strcspn(rest, "\n")] = '\0';
	while ((word = strsep(&rest, " \t\r")) != NULL) {
		bool assignment = strchr(word, '=') != NULL;

		if (!assignment && cli_python_names(word))
			return strdup(word);
	}
	return NULL;
}

bool
cli_python_runs(const char *file)
{
	char *named = cli_python_names(file) ? NULL : from_first_line(file);
	bool runs = named != NULL || cli_python_names(file);

	free(named);
	return runs;
}

static bool
can_run(const char *file)
{
	return strchr(file, '/') == NULL || access(file, X_OK) == 0;
}

/* The interpreter of the virtual environment that we stand in, or NULL. */
static char *
from_environment(void)
{
	char self[PATH_MAX], *file;
	const char *here = cli_here(self);
	int no_environment;

	if (asprintf(&file, "%s/../pyvenv.cfg", here) == -1)
		return NULL;
	no_environment = access(file, R_OK);
	free(file);
	if (no_environment || asprintf(&file, "%s/python3", here) == -1)
		return NULL;
	if (can_run(file))
		return file;
	free(file);
	return NULL;
}

static char *
choose(const char *option, const char *script, const char **why)
{
	const char *python = getenv("PYTHON");
	const char *venv = getenv("VIRTUAL_ENV");
	char *file;

	*why = "--python";
	if (option != NULL)
		return strdup(option);
	*why = "$PYTHON";
	if (python != NULL && *python != '\0')
		return strdup(python);
	*why = "$VIRTUAL_ENV";
	if (venv != NULL && *venv != '\0') {
		if (asprintf(&file, "%s/bin/python", venv) == -1)
			return NULL;
		if (can_run(file))
			return file;
		free(file);
	}
	*why = "the script's first line";
	file = script != NULL ? from_first_line(script) : NULL;
	if (file != NULL && can_run(file))
		return file;
	free(file);
	*why = "the virtual environment of this program";
	file = from_environment();
	if (file != NULL)
		return file;
	*why = "nothing names another";
	return strdup("python3");
}

char *
cli_python_choose(const char *option, const char *script, const char **why)
{
	const char *ignored;

	return choose(option, script, why != NULL ? why : &ignored);
}

static bool
is_package(const char *directory)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/boot/sitecustomize.py",
			directory) < (int)sizeof(path) &&
	       access(path, R_OK) == 0;
}

/* The first package that matches, or NULL. */
static char *
find_package(const char *pattern)
{
	glob_t found = { 0 };
	char *path = NULL;

	glob(pattern, 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc && path == NULL; i++)
		if (is_package(found.gl_pathv[i]))
			path = strdup(found.gl_pathv[i]);
	globfree(&found);
	return path;
}

char *
cli_python_package(void)
{
	/*
	 * Build tree, a prefix moved since it was configured, and where pip
	 * puts packages.
	 */
	static const char *const beside[] = {
		"../python/pmt", "../lib/" PACKAGE "/python/pmt",
		"../lib/python3*/*-packages/pmt",
	};
	char self[PATH_MAX], *path, *pattern;
	const char *here = cli_here(self);

	for (size_t i = 0; i < PMT_ARRAY_SIZE(beside); i++) {
		if (asprintf(&pattern, "%s/%s", here, beside[i]) == -1)
			return NULL;
		path = find_package(pattern);
		free(pattern);
		if (path != NULL)
			return path;
	}
	return strdup(PKGLIBDIR "/python/pmt");
}

/* The "cpython-313" of "cpython-313-x86_64-linux-gnu.so". */
static int
tag_length(const char *tag)
{
	size_t name = strcspn(tag, "-.");

	return (int)(name + 1 + strcspn(tag + name + 1, "-."));
}

char *
cli_python_served(const char *package)
{
	char *list = strdup(""), *pattern, *longer;
	glob_t found = { 0 };

	if (list == NULL ||
	    asprintf(&pattern, "%s/_pmt.*.so", package) == -1)
		return list;
	glob(pattern, 0, NULL, &found);
	free(pattern);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *tag = strrchr(found.gl_pathv[i], '/') +
				  strlen("/_pmt.");

		if (asprintf(&longer, "%s%s%.*s", list, *list ? ", " : "",
			     tag_length(tag), tag) == -1)
			break;
		free(list);
		list = longer;
	}
	globfree(&found);
	return list;
}

/* What pyenv puts there may run nothing. */
static bool
is_shims(const char *directory)
{
	size_t length = strlen(directory);

	return length > 6 && strcmp(directory + length - 6, "/shims") == 0;
}

/* The first of that NAME in PATH; the caller frees it.  NULL: there is none. */
static char *
find_in_path(const char *name, bool shims)
{
	const char *path = getenv("PATH");
	char *copy = strdup(path != NULL ? path : ""), *rest = copy;
	char *directory, *file = NULL;

	while ((directory = strsep(&rest, ":")) != NULL && file == NULL) {
		if (*directory != '/' || (!shims && is_shims(directory)) ||
		    asprintf(&file, "%s/%s", directory, name) == -1) {
			file = NULL;
		} else if (access(file, X_OK) != 0) {
			free(file);
			file = NULL;
		}
	}
	free(copy);
	return file;
}

char *
cli_python_find(const char *file)
{
	return strchr(file, '/') != NULL ? strdup(file)
					 : find_in_path(file, true);
}

char *
cli_python_find_served(const char *package, int oldest)
{
	char *pattern, *file = NULL, name[32];
	glob_t found = { 0 };

	for (int minor = 99; minor >= oldest && file == NULL; minor--) {
		if (asprintf(&pattern, "%s/_pmt.cpython-3%d-*.so", package,
			     minor) == -1)
			return NULL;
		if (glob(pattern, 0, NULL, &found) == 0) {
			snprintf(name, sizeof(name), "python3.%d", minor);
			file = find_in_path(name, false);
		}
		globfree(&found);
		free(pattern);
	}
	return file;
}

void
cli_python_become(const char *module, char *const arguments[])
{
	char *python = cli_python_choose(NULL, NULL, NULL);
	char *package = cli_python_package();
	char *slash = package == NULL ? NULL : strrchr(package, '/');
	size_t count = 0;
	char **command, *code;

	while (arguments[count] != NULL)
		count++;
	command = calloc(count + 6, sizeof(*command));
	if (python == NULL || slash == NULL || command == NULL ||
	    asprintf(&code, "import sys; sys.path.insert(0, sys.argv[1]); "
		     "from %s import main; sys.exit(main(sys.argv[2:]))",
		     module) == -1)
		cli_die(CLI_FAILED, ENOMEM, "giving up");
	*slash = '\0';
	command[0] = python;
	command[1] = (char []){ "-IB" };
	command[2] = (char []){ "-c" };
	command[3] = code;
	command[4] = package;
	memcpy(command + 5, arguments, count * sizeof(*command));
	execvp(python, command);
	cli_die(CLI_FAILED, errno, "cannot run '%s'", python);
}
