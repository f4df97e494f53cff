/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/probes.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "run/status.h"

static const char *const names[RUN_PROBES] = {
	[RUN_FUNCTION_ENTRY] = "function__entry",
	[RUN_FUNCTION_RETURN] = "function__return",
	[RUN_RSS_CHANGE] = "rss__change",
	[RUN_OBJECT_NEW] = "object__new",
	[RUN_OBJECT_DEL] = "object__del",
	[RUN_MALLOC_SITE] = "malloc__site",
	[RUN_FREE_SITE] = "free__site",
};

const char *
run_probe_name(enum run_probe probe)
{
	return names[probe];
}

/* As dtrace -C has it done. */
static void
become_preprocessor(const char *script, int out)
{
	char *copy = strdup(script);

	if (copy == NULL || dup2(out, 1) == -1)
		_exit(126);
	execlp("cpp", "cpp", "-P", "-I", dirname(copy), "-D", "PMT_PROBES",
	       script, (char *)NULL);
	_exit(errno == ENOENT ? 127 : 126);
}

static FILE *
preprocess(const char *script, pid_t *pid)
{
	int ends[2];
	FILE *file;

	if (pipe(ends) == -1 || (*pid = fork()) == -1)
		cli_die(RUN_FAILED, errno, "cannot run 'cpp'");
	if (*pid == 0)
		become_preprocessor(script, ends[1]);
	close(ends[1]);
	file = fdopen(ends[0], "r");
	if (file == NULL)
		cli_die(RUN_FAILED, errno, "cannot run 'cpp'");
	return file;
}

static void
check_preprocessor(const char *script, pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			cli_die(RUN_FAILED, errno, "waiting for 'cpp'");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		cli_die(RUN_FAILED, 0, "--dtrace: no cpp here, which dtrace "
			"needs for scripts: install it (Debian: cpp)");
	if (status != 0)
		cli_die(RUN_FAILED, 0, "--dtrace: '%s' cannot be preprocessed",
			script);
}

/* In D with dashes. */
static const char *
spell(enum run_probe probe, bool d, char text[32])
{
	const char *under = strstr(names[probe], "__");

	if (!d)
		return names[probe];
	snprintf(text, 32, "%.*s-%s", (int)(under - names[probe]),
		 names[probe], under + 2);
	return text;
}

static unsigned int
probes_in(FILE *file, bool d)
{
	char *line = NULL, text[32];
	unsigned int probes = 0;
	size_t size = 0;

	while (getline(&line, &size, file) != -1)
		for (int i = 0; i < RUN_PROBES; i++)
			if (strstr(line, spell(i, d, text)) != NULL)
				probes |= RUN_PROBE(i);
	free(line);
	fclose(file);
	return probes;
}

unsigned int
run_probes_of(const char *script, bool d)
{
	FILE *file = fopen(script, "re");
	unsigned int probes;
	pid_t pid;

	if (file == NULL)
		cli_die(RUN_FAILED, errno, "cannot read '%s'", script);
	if (!d)
		return probes_in(file, d);
	fclose(file);
	file = preprocess(script, &pid);
	probes = probes_in(file, d);
	check_preprocessor(script, pid);
	return probes;
}
