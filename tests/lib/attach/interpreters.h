/* SPDX-License-Identifier: MIT */
/* interpreters.h - CPythons that run, as targets, for tests; with cmocka. */
#ifndef PMT_TESTS_INTERPRETERS_H
#define PMT_TESTS_INTERPRETERS_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach/attach.h"

/* A process, and what it says; it ends with its input. */
struct child {
	pid_t pid;
	int in, out;
};

enum { SECONDS = 200 };

/* What they are to run; it answers "ours". */
static const char line[] = "try:__import__('posix').write(1,b'ours\\n')\n"
			   "except:0\n";
static char script[] = "/tmp/pmt-attach-XXXXXX";

/* Until its input ends, or is more than that. */
static const char busy[] = "import os, select\n"
	"os.write(1, b'ready\\n')\n"
	"while not select.select([0], [], [], 0)[0]: pass\n"
	"os.write(1, b'over\\n')";

/* The interpreters that pmt is built for, in one memory; ours to free. */
static inline char **
list_pythons(void)
{
	const char *text = getenv("PMT_PYTHONS");
	char *names = strdup(text == NULL ? "" : text), *rest = names;
	char **list = calloc(strlen(names) + 1, sizeof(*list)), *name;
	size_t count = 0;

	while ((name = strsep(&rest, " ")) != NULL)
		if (*name != '\0')
			list[count++] = strdup(name);
	free(names);
	return list;
}

static char **pythons;

/* PATH may be looked for; CODE may be NULL. */
static inline struct child
start(const char *path, const char *option, const char *code)
{
	struct child child;
	int in[2], out[2];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	child = (struct child){ fork(), in[1], out[0] };
	assert_true(child.pid >= 0);
	if (child.pid == 0) {
		alarm(SECONDS);
		dup2(in[0], 0);
		dup2(out[1], 1);
		/* A shim would be another process first. */
		execlp(path, path, option, code, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	return child;
}

static inline void
hear(const struct child *child, const char *text)
{
	char got[64];
	size_t length = strlen(text), n = 0;

	while (n < length) {
		ssize_t more = read(child->out, got + n, length - n);

		assert_true(more > 0);
		n += (size_t)more;
	}
	assert_memory_equal(got, text, length);
}

/* It says TEXT and no more, and ends as if nothing had been. */
static inline void
hear_end(const struct child *child, const char *text)
{
	int status;
	char more;

	close(child->in);
	hear(child, text);
	assert_int_equal(read(child->out, &more, 1), 0);
	close(child->out);
	assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static inline void
end_by_force(const struct child *child)
{
	kill(child->pid, SIGKILL);
	assert_int_equal(waitpid(child->pid, NULL, 0), child->pid);
	close(child->in);
	close(child->out);
}

/* Again while it asks for that, as pmt-run does. */
static inline void
post(struct pmt_attach *attach)
{
	int err;

	do
		err = pmt_attach_post(attach, line, script);
	while (err == -EAGAIN && usleep(1000) == 0);
	assert_int_equal(err, 0);
}

/* Returns whether there are any. */
static inline bool
find_interpreters(void)
{
	int fd;

	/* What hangs ends the test. */
	alarm(SECONDS);
	pythons = list_pythons();
	if (pythons[0] == NULL) {
		puts("1..0 # SKIP no interpreter is known: PMT_PYTHONS");
		return false;
	}
	fd = mkstemp(script);
	if (fd == -1 || write(fd, line, strlen(line)) != (ssize_t)strlen(line))
		abort();
	close(fd);
	return true;
}

static inline int
forget_interpreters(void **state)
{
	(void)state;
	for (char **python = pythons; *python != NULL; python++)
		free(*python);
	free(pythons);
	return unlink(script);
}

#endif
