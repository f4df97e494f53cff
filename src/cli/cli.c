/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/units.h"

static const char *program_name = "pmt";
static volatile sig_atomic_t stop_signal;
static bool progress_shown, limit_kills;

static void
clear_progress(void)
{
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = false;
}

/* The N bytes of TEXT steer no terminal; KEPT is a character that may. */
static void
make_safe(char *text, size_t n, char kept)
{
	size_t length;
	bool safe;

	for (size_t i = 0; i < n; i += length) {
		length = pmt_character(text + i, n - i, &safe);
		if (!safe && text[i] != kept)
			memset(text + i, '?', length);
	}
}

/* Formats first, then writes once: two programs may share the terminal. */
static void
report(int err, const char *format, va_list args)
{
	char text[4096];
	int n = vsnprintf(text, sizeof(text), format, args);

	clear_progress();
	if (n >= (int)sizeof(text))
		strcpy(text + sizeof(text) - 4, "...");
	/* Names come from logs. */
	make_safe(text, strlen(text), '\0');
	if (err != 0)
		fprintf(stderr, "%s: %s: %s\n", program_name, text,
			strerror(abs(err)));
	else
		fprintf(stderr, "%s: %s\n", program_name, text);
}

void
cli_warn(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(err, format, args);
	va_end(args);
}

void
cli_die(int status, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(err, format, args);
	va_end(args);
	exit(status);
}

void *
cli_need(void *memory)
{
	if (memory == NULL)
		cli_die(CLI_FAILED, ENOMEM, "giving up");
	return memory;
}

static bool
reader_left(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

/*
 * A reader that went away got all it wanted: no message for that.  errno alone
 * would not tell, when it was an earlier write that failed.
 */
static void
close_stdout(void)
{
	bool gone = reader_left();
	bool pending = __fpending(stdout) != 0;
	bool failed = ferror(stdout) != 0;
	int err = 0;

	/* Why an earlier write failed, the next one tells. */
	if (failed && !gone && write(STDOUT_FILENO, "\n", 1) == -1)
		err = errno;
	if (fclose(stdout) != 0)
		err = errno;
	/* Nothing to write to a descriptor that was closed from the start. */
	if (!failed && (err == 0 || (err == EBADF && !pending)))
		return;
	if (!gone)
		cli_warn(err, "cannot write to standard output");
	fflush(stderr);
	_exit(CLI_FAILED);
}

static void
print_version(FILE *stream, struct argp_state *state)
{
	(void)state;
	fprintf(stream, "%s (%s) %s\n", program_name, PACKAGE_NAME,
		PACKAGE_VERSION);
}

void
cli_start(const char *program)
{
	static char out[1 << 14];
	int fd;

	/* Else the first file opened would become standard output. */
	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	limit_kills = signal(SIGXFSZ, SIG_IGN) == SIG_DFL;
	program_name = program;
	setlocale(LC_CTYPE, "");
	argp_program_version_hook = print_version;
	argp_err_exit_status = CLI_USAGE;
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	/* The reason why --help cannot be written is that of its only write. */
	setvbuf(stdout, out, isatty(1) ? _IOLBF : _IOFBF, sizeof(out));
	atexit(close_stdout);
}

bool
cli_limit_kills(void)
{
	return limit_kills;
}

/* Called by stdio for what argp and getopt() say, which has many lines. */
static ssize_t
write_safe(void *cookie, const char *text, size_t n)
{
	char *copy = malloc(n);
	FILE *to = cookie;
	size_t written;

	if (copy == NULL)
		return 0;
	memcpy(copy, text, n);
	make_safe(copy, n, '\n');
	written = fwrite(copy, 1, n, to);
	fflush(to);
	free(copy);
	return (ssize_t)written;
}

void
cli_parse(const struct argp *argp, int argc, char **argv, unsigned flags,
	  void *input)
{
	static char text[1 << 16];
	FILE *errors = stderr, *safe;

	safe = cli_need(fopencookie(stderr, "w", (cookie_io_functions_t){
		.write = write_safe,
	}));
	/* Whole characters: a line may be as long as the command line. */
	setvbuf(safe, text, _IOFBF, sizeof(text));
	stderr = safe;
	argp_parse(argp, argc, argv, flags, NULL, input);
	stderr = errors;
	fclose(safe);
}

uint64_t
cli_size(struct argp_state *state, const char *option, const char *arg)
{
	uint64_t bytes = 0;

	if (pmt_parse_size(arg, &bytes) != 0)
		argp_error(state, "%s: '%s' is not a size; write 4096, 64K, "
			   "1.5M", option, arg);
	return bytes;
}

uint64_t
cli_duration(struct argp_state *state, const char *option, const char *arg)
{
	uint64_t ns = 0;

	if (pmt_parse_duration(arg, &ns) != 0)
		argp_error(state, "%s: '%s' is not a time; write 2, 0.5s, "
			   "100ms, 10m", option, arg);
	return ns;
}

uint64_t
cli_count(struct argp_state *state, const char *option, const char *arg,
	  uint64_t min, uint64_t max)
{
	char *end;
	uint64_t count;

	errno = 0;
	count = strtoull(arg, &end, 10);
	if (arg[0] < '0' || arg[0] > '9' || *end != '\0' || errno != 0 ||
	    count < min || count > max)
		argp_error(state, "%s: '%s' is not a number from %ju to %ju",
			   option, arg, (uintmax_t)min, (uintmax_t)max);
	return count;
}

static bool
is_terminal(FILE *stream)
{
	const char *term = getenv("TERM");

	return isatty(fileno(stream)) &&
	       !(term != NULL && strcmp(term, "dumb") == 0);
}

bool
cli_colour(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR");

	return is_terminal(stream) && (no_color == NULL || *no_color == '\0');
}

bool
cli_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

int
cli_width(FILE *stream)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	int width = 80;

	if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		width = size.ws_col;
	else if (columns != NULL)
		width = atoi(columns);
	return width < 20 || width > 10000 ? 80 : width;
}

void
cli_progress(const char *format, ...)
{
	static struct timespec last;
	static int terminal = -1;
	struct timespec now;
	va_list args;
	char text[128];

	if (terminal < 0)
		terminal = is_terminal(stderr);
	if (!terminal || clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		return;
	if ((now.tv_sec - last.tv_sec) * 1000 +
	    (now.tv_nsec - last.tv_nsec) / 1000000 < 100)
		return;
	last = now;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "\r\033[K%.*s", cli_width(stderr) - 1, text);
	fflush(stderr);
	progress_shown = true;
}

void
cli_progress_end(void)
{
	clear_progress();
	fflush(stderr);
}

static void
note_signal(int signal)
{
	stop_signal = signal;
}

void
cli_catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = note_signal }, old;

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < PMT_ARRAY_SIZE(signals); i++) {
		/* nohup and shells' background jobs ignore some: so do we. */
		sigaction(signals[i], NULL, &old);
		if (old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

int
cli_stopped(void)
{
	return stop_signal;
}

int
cli_finish(int status)
{
	cli_progress_end();
	if (stop_signal != 0) {
		fflush(stdout);
		signal(stop_signal, SIG_DFL);
		raise(stop_signal);
	}
	return status;
}
