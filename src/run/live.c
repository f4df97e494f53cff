/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "run/live.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/name.h"
#include "cli/python.h"
#include "run/report.h"
#include "run/target.h"

#define MS INT64_C(1000000)

/* How long a program that is busy otherwise is waited for. */
#define WAIT_UNSEEN UINT64_C(60000000000)

/* Bytes as Python writes them between quotes.  The caller frees them. */
static char *
quote(const char *text)
{
	char *quoted = cli_need(malloc(4 * strlen(text) + 1)), *to = quoted;

	for (; *text != '\0'; text++)
		if (isalnum((unsigned char)*text) ||
		    strchr("/._-+", *text) != NULL)
			*to++ = *text;
		else
			to += sprintf(to, "\\x%02x", (unsigned char)*text);
	*to = '\0';
	return quoted;
}

/*
 * A program that imports is asked again: what we import in the middle of that
 * would spoil the locks that importlib keeps.  "D" is the directory, and posix
 * is there before any import.
 */
#define UNLESS_IMPORTING \
	"import sys\\n" \
	"f=sys._getframe()\\n" \
	"while f and\"<frozen importlib\"not in f.f_code.co_filename:" \
		"f=f.f_back\\n" \
	"if f:\\n" \
	" o=sys.modules[\"posix\"]\\n" \
	" d=o.open(D,1025)\\n" \
	" o.write(d,b\"%%d again=\\\\0%%d answer=\\\\0\"" \
		"%%(o.getpid(),o.getpid()))\\n" \
	" o.close(d)\\n" \
	"else:\\n"

/* The package is in the way of imports for so long as ours take. */
#define BEGIN(look) \
	"__import__('builtins').exec('" UNLESS_IMPORTING \
	" B=sys.modules[\"os\"].fsdecode(B)\\n" \
	" sys.path.insert(0,B)\\n" \
	" try:\\n" \
	"  from pmtboot.attached import begin\\n" \
	" finally:sys.path.remove(B)\\n" \
	" begin(D," look ")'," \
	"{'D':b'%s/board','B':b'%s/boot'})"

static const char begin_code[] = BEGIN("False");
static const char begin_and_look_code[] = BEGIN("True");

/* What begin() left there. */
static const char look_code[] =
	"__import__('builtins').exec('" UNLESS_IMPORTING
	" sys.modules[\"pmt._pmt\"]._attached.look()',"
	"{'D':b'%s/board'})";

static const char end_code[] =
	"__import__('builtins').exec('" UNLESS_IMPORTING
	" sys.modules[\"pmt._pmt\"]._attached.end()',"
	"{'D':b'%s/board'})";

static char *
make_code(const struct run_target *target, const char *format,
	  const char *package)
{
	char *directory = quote(target->directory + target->prefix);
	char *quoted = quote(package), *code;

	if (asprintf(&code, format, directory, quoted) == -1)
		cli_die(RUN_FAILED, ENOMEM, "giving up");
	free(quoted);
	free(directory);
	return code;
}

/* Was no session begun?  Then say why. */
static bool
was_refused(const struct run_target *target, const char *package)
{
	const char *refused = run_board_get(target->board, "refused");
	const char *unfit = run_board_get(target->board, "unfit");
	char *served;

	if (refused != NULL)
		cli_warn(0, "process %d: %s", (int)target->pid, refused);
	if (unfit == NULL)
		return refused != NULL;
	served = cli_python_served(package);
	cli_warn(0, "process %d is Python %s: %s; this build serves %s",
		 (int)target->pid, run_board_get(target->board, "python"),
		 unfit, served);
	free(served);
	return true;
}

/*
 * Is nobody at work on what is to get the name THERE?  It has another until it
 * is whole, and a lock for as long as its writer lives.
 */
static bool
is_left(const char *there)
{
	bool left;
	char *part;
	int fd;

	if (asprintf(&part, "%s.part", there) == -1)
		return false;
	fd = open(part, O_RDONLY | O_CLOEXEC);
	left = fd == -1 ? errno == ENOENT : flock(fd, LOCK_SH | LOCK_NB) == 0;
	if (fd != -1)
		close(fd);
	free(part);
	return left;
}

/* The process that would tell what became of it has ended: say so for it. */
static void
note_lost(const struct run_target *target)
{
	char entry[80];
	int length = snprintf(entry, sizeof(entry),
			      "%d no-snapshot=the process ended meanwhile",
			      (int)target->board->pid);

	pmt_ignore((int)write(target->board->fd, entry, (size_t)length + 1));
}

/* Its child may live longer than the process. */
static void
see_orphan(const struct run_target *target, const char *there)
{
	while (access(there, F_OK) != 0 && !is_left(there))
		usleep(10000);
	if (access(there, F_OK) != 0)
		note_lost(target);
}

/*
 * A child of the process writes it, and gives it its name when it is whole.  It
 * may be killed: what became of it the process tells at its end.
 */
static int
see_snapshot(struct run_target *target)
{
	const char *path = run_board_get(target->board, "snapshot");
	char *there;
	int err = 0;

	if (path == NULL || asprintf(&there, "%.*s%s", (int)target->prefix,
				     target->directory, path) == -1)
		return 0;
	while (err == 0 && access(there, F_OK) != 0 && !is_left(there))
		err = run_target_wait(target, 2 * MS);
	if (err == -ESRCH)
		see_orphan(target, there);
	free(there);
	return err;
}

/* Have it do what CODE says of it.  Returns 0 or -errno. */
static int
tell(struct run_target *target, const char *format)
{
	char *code = make_code(target, format, "");
	int err = run_target_do(target, code);

	free(code);
	return err;
}

/* What it writes goes on, and nothing can be told of its end. */
static void
explain_stay(const struct run_target *target)
{
	const char *log = run_board_get(target->board, "log");
	char *path = log == NULL ? NULL : cli_printable(log);

	cli_warn(0, "process %d is traced until it ends%s%s", (int)target->pid,
		 path == NULL ? "" : "; log: ", path == NULL ? "" : path);
	free(path);
}

/* Returns 0, also if it has ended, or -errno. */
static int
detach(struct run_target *target)
{
	int err = tell(target, end_code);

	return err == -ESRCH ? 0 : err;
}

/* It was idle, and did that when it began. */
static bool
has_looked(const struct run_target *target)
{
	return run_board_get(target->board, "snapshot") != NULL ||
	       run_board_get(target->board, "no-snapshot") != NULL;
}

/* Returns 0 or -errno: -ESRCH, the process has ended. */
static int
watch(struct run_target *target, const struct run_options *options)
{
	int err;

	if (!options->rows) {
		err = has_looked(target) ? 0 : tell(target, look_code);
		return err == 0 ? see_snapshot(target) : err;
	}
	if (!options->quiet)
		cli_warn(0, "tracing process %d, Python %s%s",
			 (int)target->pid,
			 run_board_get(target->board, "python"),
			 options->duration == 0 ? "; ^C ends that" : "");
	err = run_target_wait(target, options->duration == 0
				      ? -1 : (int64_t)options->duration);
	return err == -ESRCH ? err : 0;
}

/* From its begin to its end.  Returns 0 or -errno, told already. */
static int
see_through(struct run_target *target, const struct run_options *options)
{
	int watched = watch(target, options), err = 0;

	if (watched != -ESRCH)
		err = detach(target);
	if (err != 0 || (watched != 0 && watched != -ESRCH))
		run_target_explain(target, err != 0 ? err : watched);
	if (err != 0 && options->rows)
		explain_stay(target);
	if (err != 0 || (watched != 0 && watched != -ESRCH))
		return err != 0 ? err : watched;
	err = run_board_read(target->board);
	if (err != 0) {
		cli_warn(err, "cannot read the results");
		return err;
	}
	run_report(target->board, RUN_UNKNOWN, options->quiet);
	if (options->report)
		run_report_print(target->board, false);
	/* What came of it has been told. */
	return run_board_get(target->board, "no-snapshot") == NULL
		       ? 0 : -ECANCELED;
}

int
run_live(const struct run_options *options, struct run_board *board)
{
	char *package = cli_need(cli_python_package()), *code, *more = NULL;
	struct run_target target;
	int err;

	run_target_open(&target, options->pid, board, package);
	/* Who sits before it can stop it, who does not wants an end. */
	target.wait = options->wait != 0 ? options->wait
		      : isatty(STDERR_FILENO) ? 0 : WAIT_UNSEEN;
	code = make_code(&target, begin_code, package);
	if (!options->rows)
		more = make_code(&target, begin_and_look_code, package);
	target.if_idle = more;
	err = run_target_do(&target, code);
	target.if_idle = NULL;
	if (err != 0)
		run_target_explain(&target, err);
	if (err == 0 && was_refused(&target, package))
		err = -ECANCELED;
	if (err == 0)
		err = see_through(&target, options);
	run_target_close(&target);
	free(more);
	free(code);
	free(package);
	return err == 0 ? 0 : RUN_FAILED;
}
