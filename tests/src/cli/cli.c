/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/cli.h"
#include "cli/csv.h"

/* What a child that ran PROGRAM left on standard error, and how it ended. */
static char errors[8192];

static int
run(void (*program)(void), const char *out)
{
	int pipes[2], status;
	ssize_t n;
	size_t length = 0;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		dup2(pipes[1], STDERR_FILENO);
		close(pipes[0]);
		close(pipes[1]);
		close(STDOUT_FILENO);
		if (out != NULL)
			open(out, O_WRONLY);
		cli_start("pmt-test");
		program();
		exit(cli_finish(CLI_OK));
	}
	close(pipes[1]);
	while ((n = read(pipes[0], errors + length,
			 sizeof(errors) - 1 - length)) > 0)
		length += (size_t)n;
	errors[length] = '\0';
	close(pipes[0]);
	waitpid(pid, &status, 0);
	return status;
}

static void
print_a_line(void)
{
	puts("a line");
}

static void
print_nothing(void)
{
}

static void
die_of_a_missing_file(void)
{
	cli_die(CLI_FAILED, -ENOENT, "cannot open '%s'", "x.log");
}

static void
print_to_a_closed_pipe(void)
{
	int pipes[2];

	signal(SIGPIPE, SIG_IGN);
	if (pipe(pipes) != 0 || dup2(pipes[1], STDOUT_FILENO) < 0)
		abort();
	close(pipes[0]);
	puts("a line");
}

static void
stop_at_a_signal(void)
{
	cli_catch_signals();
	raise(SIGTERM);
	if (cli_stopped() != SIGTERM)
		abort();
	cli_warn(0, "finished what was begun");
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	if (key != 'm')
		return ARGP_ERR_UNKNOWN;
	cli_size(state, "--max-size", arg);
	return 0;
}

static void
parse_bad_arguments(void)
{
	static const struct argp_option options[] = {
		{ "max-size", 'm', "N", 0, "Stop at N bytes", 0 },
		{ 0 }
	};
	static const struct argp argp = {
		options, parse_option, 0, 0, 0, 0, 0
	};
	char program[] = "pmt-test", option[] = "--max-size=-3";
	char *argv[] = { program, option, NULL };

	argp_parse(&argp, 2, argv, 0, NULL, NULL);
}

static void
reports_and_exits(void **state)
{
	int status = run(die_of_a_missing_file, "/dev/null");

	(void)state;
	assert_int_equal(WEXITSTATUS(status), CLI_FAILED);
	assert_string_equal(errors, "pmt-test: cannot open 'x.log': "
			    "No such file or directory\n");
}

static void
a_full_disk_is_a_failure(void **state)
{
	int status = run(print_a_line, "/dev/full");

	(void)state;
	assert_int_equal(WEXITSTATUS(status), CLI_FAILED);
	assert_string_equal(errors, "pmt-test: cannot write to standard "
			    "output: No space left on device\n");
}

static void
closed_output_matters_only_when_used(void **state)
{
	(void)state;
	assert_int_equal(run(print_nothing, NULL), 0);
	assert_string_equal(errors, "");
	assert_int_equal(WEXITSTATUS(run(print_a_line, NULL)), CLI_FAILED);
	assert_string_equal(errors, "pmt-test: cannot write to standard "
			    "output: Bad file descriptor\n");
}

static void
a_reader_that_left_is_no_news(void **state)
{
	int status = run(print_to_a_closed_pipe, "/dev/null");

	(void)state;
	assert_int_equal(WEXITSTATUS(status), CLI_FAILED);
	assert_string_equal(errors, "");
}

static void
dies_of_the_signal_that_stopped_it(void **state)
{
	int status = run(stop_at_a_signal, "/dev/null");

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	assert_string_equal(errors, "pmt-test: finished what was begun\n");
}

static void
wrong_arguments_name_the_option(void **state)
{
	int status = run(parse_bad_arguments, "/dev/null");

	(void)state;
	assert_int_equal(WEXITSTATUS(status), CLI_USAGE);
	assert_non_null(strstr(errors, "--max-size: '-3' is not a size"));
}

static void
colour_needs_a_terminal(void **state)
{
	FILE *file = fopen("/dev/null", "w");

	(void)state;
	assert_non_null(file);
	assert_false(cli_colour(file));
	fclose(file);
}

/* What is printed of TEXT as a field. */
static const char *
field(const char *text, const char *separator)
{
	static char printed[64];
	FILE *out = fmemopen(printed, sizeof(printed), "w");

	assert_non_null(out);
	cli_csv_field(out, text, separator);
	fclose(out);
	return printed;
}

static void
fields_are_quoted_where_they_must_be(void **state)
{
	(void)state;
	assert_string_equal(field("", ","), "");
	assert_string_equal(field("a b; c", ","), "a b; c");
	assert_string_equal(field("a,b", ","), "\"a,b\"");
	assert_string_equal(field("say \"a\"", ","), "\"say \"\"a\"\"\"");
	/* What would steer a terminal, or be taken for a line's end. */
	assert_string_equal(field("a\nb", ","), "a\\012b");
	assert_string_equal(field("a\rb", ","), "a\\015b");
	assert_string_equal(field("a,b", "::"), "a,b");
	assert_string_equal(field("a::b", "::"), "\"a::b\"");
	assert_string_equal(field("a,b", ""), "a,b");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_and_exits),
		cmocka_unit_test(a_full_disk_is_a_failure),
		cmocka_unit_test(closed_output_matters_only_when_used),
		cmocka_unit_test(a_reader_that_left_is_no_news),
		cmocka_unit_test(dies_of_the_signal_that_stopped_it),
		cmocka_unit_test(wrong_arguments_name_the_option),
		cmocka_unit_test(colour_needs_a_terminal),
		cmocka_unit_test(fields_are_quoted_where_they_must_be),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
