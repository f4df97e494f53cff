/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "run/probes.h"
#include "run/settings.h"
#include "run/status.h"

/*
 * The PID of the interpreter, for ours.  0: it never got so far, and has closed
 * its end.
 */
static pid_t
exchange_pids(int fd)
{
	char text[24];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return dprintf(fd, "%d\n", getpid()) < 0
		       ? 0 : (pid_t)strtol(text, NULL, 10);
}

static void
become_tool(const struct run_dtrace *dtrace, int fd)
{
	pid_t pid = exchange_pids(fd);
	int err;

	if (pid <= 0)
		_exit(0);
	/* Open as long as the tool runs. */
	fcntl(fd, F_SETFD, 0);
	err = run_dtrace_exec(dtrace, pid, PACKAGE);
	cli_warn(err, "cannot run '%s'", dtrace->tool);
	_exit(RUN_FAILED);
}

static void
put_settings(const struct run_dtrace *dtrace, struct run_board *board, int fd)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", fd);
	run_setting_put(board, "listener", number);
	for (int i = 0; i < RUN_PROBES; i++)
		if (dtrace->probes & RUN_PROBE(i))
			run_setting_put(board, "probe", run_probe_name(i));
}

int
run_listen_start(struct run_listen *listen, const struct run_dtrace *dtrace,
		 struct run_board *board)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1)
		return -errno;
	listen->tool = fork();
	if (listen->tool == -1)
		return -errno;
	if (listen->tool == 0) {
		close(ends[1]);
		become_tool(dtrace, ends[0]);
	}
	close(ends[0]);
	fcntl(ends[1], F_SETFD, 0);
	listen->fd = ends[1];
	put_settings(dtrace, board, listen->fd);
	return 0;
}

void
run_listen_wait(struct run_listen *listen)
{
	int status;

	close(listen->fd);
	while (waitpid(listen->tool, &status, 0) == -1 && errno == EINTR)
		;
}
