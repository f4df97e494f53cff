/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "report/plot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/escape.h"

void
pmt_plot_name(const char *text, char *out, size_t size)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789._-";
	size_t i;

	for (i = 0; i + 1 < size && text[i] != '\0'; i++)
		out[i] = strchr(plain, text[i]) != NULL ? text[i] : '_';
	out[i] = '\0';
	/* No option and no hidden file. */
	if (out[0] == '-' || out[0] == '.')
		out[0] = '_';
}

void
pmt_plot_field(const char *text, char *out)
{
	size_t length = strlen(text);

	*out++ = '"';
	for (size_t i = 0, n; i < length; i += n) {
		bool safe;

		n = pmt_character(text + i, length - i, &safe);
		if (text[i] == '"')
			*out++ = '\'';
		else if (text[i] == '\\')
			*out++ = '/';
		else if (!safe || (n == 1 && (text[i] & 0x80) != 0))
			*out++ = '?';
		else
			out = mempcpy(out, text + i, n);
	}
	*out++ = '"';
	*out = '\0';
}

static void
become_gnuplot(const char *directory, const char *script)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Our own results on standard output are none of its business. */
	if (null != -1) {
		dup2(null, STDIN_FILENO);
		dup2(STDERR_FILENO, STDOUT_FILENO);
	}
	if (chdir(directory) != 0)
		_exit(126);
	execlp("gnuplot", "gnuplot", script, (char *)NULL);
	_exit(errno == ENOENT ? 127 : 126);
}

int
pmt_plot_run(const char *directory, const char *script)
{
	int status;
	pid_t pid = fork();

	if (pid == -1)
		return -errno;
	if (pid == 0)
		become_gnuplot(directory, script);
	while (waitpid(pid, &status, 0) == -1) {
		if (errno != EINTR)
			return -errno;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return -ENOENT;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}
