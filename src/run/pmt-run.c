/* SPDX-License-Identifier: MIT */
/* pmt-run - run a Python program unchanged, with a tracer watching it. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/python.h"
#include "run/board.h"
#include "run/checks.h"
#include "run/child.h"
#include "run/listen.h"
#include "run/live.h"
#include "run/options.h"
#include "run/probes.h"
#include "run/report.h"
#include "run/script.h"
#include "run/settings.h"

/* What the interpreter's start-up module undoes again. */
static void
prepare_environment(struct run_board *board, const char *package, bool follow)
{
	const char *before = getenv("PYTHONPATH");
	bool more = before != NULL && *before != '\0';
	char *path, number[64];

	if (before != NULL)
		run_setting_put(board, "pythonpath", before);
	if (follow && fcntl(board->fd, F_SETFD, FD_CLOEXEC) == 0)
		snprintf(number, sizeof(number), "/proc/%d/fd/%d",
			 (int)getpid(), board->fd);
	else
		snprintf(number, sizeof(number), "%d", board->fd);
	if (asprintf(&path, "%s/boot%s%s", package, more ? ":" : "",
		     more ? before : "") == -1 ||
	    setenv("PYTHONPATH", path, 1) == -1 ||
	    setenv("PMT_RUN", number, 1) == -1)
		cli_die(RUN_FAILED, errno, "cannot set the environment");
	free(path);
}

/* The library undoes this, once it knows that it is in a Python. */
static void
preload(const char *package)
{
	const char *before = getenv("LD_PRELOAD");
	bool more = before != NULL && *before != '\0';
	char *path, *list;

	if (asprintf(&path, "%s/libpmt-alloc.so", package) == -1 ||
	    asprintf(&list, "%s%s%s", path, more ? ":" : "",
		     more ? before : "") == -1)
		cli_die(RUN_FAILED, errno, "cannot set the environment");
	if (access(path, R_OK) == -1)
		cli_die(RUN_FAILED, errno, "cannot load '%s'", path);
	if (strpbrk(path, " :") != NULL)
		cli_die(RUN_FAILED, 0, "cannot load '%s': LD_PRELOAD takes no "
			"path with a blank or a colon", path);
	if (setenv("LD_PRELOAD", list, 1) == -1)
		cli_die(RUN_FAILED, errno, "cannot set the environment");
	free(path);
	free(list);
}

/* A directory for a log that nobody asked for. */
static char *
make_directory(struct run_board *board)
{
	const char *parent = getenv("TMPDIR");
	char *directory, *log;

	if (parent == NULL || *parent == '\0')
		parent = "/tmp";
	if (asprintf(&directory, "%s/pmt-run.XXXXXX", parent) == -1)
		cli_die(RUN_FAILED, ENOMEM, "cannot name a log");
	if (mkdtemp(directory) == NULL ||
	    asprintf(&log, "%s/log.pmt", directory) == -1)
		cli_die(RUN_FAILED, errno, "cannot make '%s'", directory);
	run_setting_put(board, "output", log);
	free(log);
	return directory;
}

/* The log, and those of forked children. */
static void
remove_directory(char *directory)
{
	DIR *opened = directory == NULL ? NULL : opendir(directory);
	struct dirent *entry;

	while (opened != NULL && (entry = readdir(opened)) != NULL)
		(void)unlinkat(dirfd(opened), entry->d_name, 0);
	if (opened != NULL)
		closedir(opened);
	if (directory != NULL)
		rmdir(directory);
	free(directory);
}

/* Whoever starts the program gives it our mask; it takes the signal then. */
static void
hold_back(int sig)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, sig);
	sigprocmask(SIG_BLOCK, &mask, NULL);
}

static void
tell_interpreter(const char *python, const char *why)
{
	char *file = cli_python_find(python);

	cli_warn(0, "interpreter: %s (%s)", file != NULL ? file : python, why);
	free(file);
}

/* With --dtrace: find all that it needs, and end here where that is all. */
static void
prepare_dtrace(struct run_options *options, struct run_board *board)
{
	struct run_dtrace *dtrace = &options->dtrace;

	if (options->script_name == NULL)
		return;
	if (strcmp(options->script_name, "list") == 0) {
		run_dtrace_list();
		exit(CLI_OK);
	}
	run_dtrace_find(dtrace, options->script_name);
	if (options->pid != 0)
		run_dtrace_attach(dtrace, options->pid);
	options->preload = (dtrace->probes & RUN_OF_LIBRARY) != 0;
	if (dtrace->objects)
		run_setting_put(board, "objects", "");
	if (dtrace->no_pymalloc && setenv("PYTHONMALLOC", "malloc", 1) == -1)
		cli_die(RUN_FAILED, errno, "cannot set the environment");
}

/*
 * Say what came of it.  Returns whether it did not keep to its limits; then,
 * and when it was killed for want of memory, the report says more, if nobody
 * wants quiet.
 */
static bool
conclude(const struct run_options *options, struct run_board *board,
	 const char *python, const char *package, int status, uint64_t peak,
	 bool starved)
{
	int err = run_board_read(board);
	bool failed = false;

	if (err != 0) {
		cli_warn(err, "cannot read the results");
		return false;
	}
	if (!run_report_refused(board, python, package)) {
		run_report(board, status, options->quiet ||
			   (options->temporary &&
			    run_board_get(board, "log") != NULL));
		failed = run_checks_fail(&options->limits, board, peak);
		if (status != 0 && !options->quiet)
			run_script_explain(options->script);
	}
	if (options->report || ((failed || starved) && !options->quiet))
		run_report_print(board, options->first_screen);
	return failed;
}

/* Returns the program's wait status, or that of a limit not kept to. */
static int
run_program(struct run_options *options, struct run_board *board)
{
	const char *why;
	char *command = run_script_resolve(options);
	char *python = cli_python_choose(options->python, options->script,
					 &why);
	char *package = cli_python_package();
	char *directory = NULL;
	struct run_lastwords words;
	struct run_listen listen;
	uint64_t peak = 0;
	int err, status = 0;

	if (python == NULL || package == NULL)
		cli_die(RUN_FAILED, ENOMEM, "cannot choose an interpreter");
	if (options->verbose)
		tell_interpreter(python, why);
	prepare_environment(board, package, options->follow);
	if (options->preload)
		preload(package);
	if (options->snapshots)
		hold_back(SIGUSR2);
	options->argv[0] = python;
	if (options->temporary)
		directory = make_directory(board);
	if (options->script_name != NULL) {
		err = run_listen_start(&listen, &options->dtrace, board);
		if (err < 0)
			cli_die(RUN_FAILED, err, "cannot start '%s'",
				options->dtrace.tool);
	}
	run_lastwords_open(&words, options->summary);
	err = run_child((char *const *)options->argv, &words, &status, &peak);
	if (options->script_name != NULL)
		run_listen_wait(&listen);
	if (err != 0)
		remove_directory(directory);
	if (err != 0)
		cli_die(err == -ENOENT ? RUN_MISSING : RUN_CANNOT, err,
			"cannot run '%s'", python);
	if (conclude(options, board, python, package, status, peak,
		     run_lastwords_tell(&words, status,
					options->quiet)) && status == 0)
		status = W_EXITCODE(CLI_FAILED, 0);
	run_lastwords_close(&words);
	remove_directory(directory);
	free(command);
	free(python);
	free(package);
	return status;
}

int
main(int argc, char **argv)
{
	struct run_options options;
	struct run_board board;
	int err, status;

	cli_start("pmt-run");
	if (access("/proc/self/statm", R_OK) == -1)
		cli_die(RUN_FAILED, errno, "cannot read /proc/self/statm (is "
			"/proc mounted?)");
	err = run_board_open(&board);
	if (err != 0)
		cli_die(RUN_FAILED, err, "cannot make a file in memory");
	run_options_parse(argc, argv, &board, &options);
	prepare_dtrace(&options, &board);
	if (options.pid != 0) {
		status = run_live(&options, &board);
		run_board_close(&board);
		free(options.argv);
		return status;
	}
	status = run_program(&options, &board);
	run_dtrace_free(&options.dtrace);
	cli_limits_fini(&options.limits);
	run_board_close(&board);
	free(options.argv);
	return run_child_become(status);
}
