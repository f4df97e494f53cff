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
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "log/logtail.h"
#include "write/bytesink.h"

static char directory[] = "/tmp/pmt-bytesink-XXXXXX";
static char path[64], tail[64];

static int
make_directory(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/log", directory);
	snprintf(tail, sizeof(tail), "%s/log.tail", directory);
	return 0;
}

static int
remove_directory(void **state)
{
	(void)state;
	unlink(path);
	unlink(tail);
	return rmdir(directory);
}

static int
open_sink(const char *name, struct pmt_bytesink *sink)
{
	const struct pmt_recorder_options options = { 0 };

	memset(sink, 0, sizeof(*sink));
	return pmt_bytesink_open(sink, name, &options);
}

static void
write_rows(struct pmt_bytesink *sink, int from, int to)
{
	for (int i = from; i < to; i++) {
		char *row = pmt_bytesink_reserve(sink, 32);

		assert_non_null(row);
		pmt_bytesink_commit(sink, row + sprintf(row, "row %d\n", i));
	}
}

/* Only to what begins like a log is a tail joined. */
static const char header[] = "SOF\nHDR:\n";

static void
write_log(struct pmt_bytesink *sink, int rows)
{
	pmt_bytesink_append(sink, header, strlen(header));
	write_rows(sink, 0, rows);
}

/* The file is "row 0" to "row N - 1", nothing else but perhaps the header. */
static void
assert_rows(int n)
{
	FILE *file = fopen(path, "r");
	char line[64], expected[64];

	assert_non_null(file);
	if (fread(line, 1, strlen(header), file) != strlen(header) ||
	    memcmp(line, header, strlen(header)) != 0)
		rewind(file);
	for (int i = 0; i < n; i++) {
		snprintf(expected, sizeof(expected), "row %d\n", i);
		assert_non_null(fgets(line, sizeof(line), file));
		assert_string_equal(line, expected);
	}
	assert_null(fgets(line, sizeof(line), file));
	fclose(file);
}

static void
keeps_every_row(void **state)
{
	struct pmt_bytesink sink;

	(void)state;
	assert_int_equal(open_sink(path, &sink), 0);
	assert_int_equal(access(tail, F_OK), 0);
	write_rows(&sink, 0, 100000);
	assert_int_equal(pmt_bytesink_close(&sink, NULL, 0), 0);
	assert_rows(100000);
	assert_int_equal(access(tail, F_OK), -1);
	assert_int_equal(pmt_logtail_join(path), 0);
}

static void
takes_rows_beyond_its_buffer(void **state)
{
	size_t size = 3 * PMT_BUFFER_SIZE;
	char *text = malloc(size);
	struct pmt_bytesink sink;
	struct stat st;

	(void)state;
	memset(text, 'x', size);
	assert_int_equal(open_sink(path, &sink), 0);
	write_rows(&sink, 0, 2);
	assert_null(pmt_bytesink_reserve(&sink, size));
	pmt_bytesink_append(&sink, text, size);
	assert_int_equal(pmt_bytesink_close(&sink, NULL, 0), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 12 + size);
	free(text);
}

/* Every way to die, with an unknown part of the rows still in the buffer. */
static void
loses_nothing_when_killed(void **state)
{
	const int deaths[] = { SIGKILL, SIGSEGV, SIGABRT, 0 };

	(void)state;
	for (int run = 0; run < 40; run++) {
		int death = deaths[run % 4], rows = 977 * run + 1, status;
		struct rlimit none = { 0, 0 };
		pid_t pid = fork();

		if (pid == 0) {
			struct pmt_bytesink sink;

			setrlimit(RLIMIT_CORE, &none);
			signal(death, SIG_DFL);
			if (open_sink(path, &sink) < 0)
				_exit(1);
			write_log(&sink, rows);
			if (death != 0)
				raise(death);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status)
						     : WEXITSTATUS(status),
				 death);
		assert_in_range(pmt_logtail_join(path), 1, INT32_MAX);
		assert_rows(rows);
		assert_int_equal(pmt_logtail_join(path), 0);
	}
}

static void
drops_whole_rows_on_a_full_disk(void **state)
{
	struct rlimit limit = { 300000, RLIM_INFINITY }, old;
	struct pmt_bytesink sink;
	char line[64], expected[64];
	FILE *file;
	int n = 0;

	(void)state;
	/* EFBIG comes as ENOSPC does; Python ignores SIGXFSZ likewise. */
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(open_sink(path, &sink), 0);
	limit.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	write_rows(&sink, 0, 100000);
	assert_int_equal(pmt_bytesink_close(&sink, "no room\n", 8), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);

	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strcmp(line, "no room\n") == 0)
			break;
		snprintf(expected, sizeof(expected), "row %d\n", n++);
		assert_string_equal(line, expected);
	}
	assert_string_equal(line, "no room\n");
	assert_in_range(n, 28000, 32000);
	fclose(file);
}

/* Wherever the disk is full: whole rows stay, and each other one is counted. */
static void
counts_each_row_that_is_dropped(void **state)
{
	struct rlimit limit, old;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	for (rlim_t most = 300000; most < 300012; most++) {
		struct pmt_bytesink sink;
		char line[64], expected[64];
		uint64_t rows = 0;
		FILE *file;

		assert_int_equal(open_sink(path, &sink), 0);
		limit.rlim_cur = most;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		write_rows(&sink, 0, 50000);
		pmt_bytesink_flush(&sink);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		file = fopen(path, "r");
		assert_non_null(file);
		while (fgets(line, sizeof(line), file) != NULL) {
			snprintf(expected, sizeof(expected), "row %d\n",
				 (int)rows++);
			assert_string_equal(line, expected);
		}
		fclose(file);
		assert_int_equal(rows + sink.recorder.lost, 50000);
		assert_int_equal(pmt_bytesink_close(&sink, NULL, 0), -EFBIG);
	}
}

/* Somebody took the number of our file, and the file's name. */
static void
never_writes_to_a_foreign_file(void **state)
{
	struct pmt_bytesink sink;
	struct stat st;
	int other;

	(void)state;
	assert_int_equal(open_sink(path, &sink), 0);
	write_rows(&sink, 0, 10);
	assert_int_equal(unlink(path), 0);
	other = open(path, O_CREAT | O_EXCL | O_RDWR, 0600);
	assert_true(other != -1);
	assert_int_equal(dup2(other, sink.file.fd), sink.file.fd);
	pmt_bytesink_flush(&sink);
	assert_int_equal(sink.recorder.lost, 10);
	assert_int_equal(pmt_bytesink_close(&sink, "last\n", 5), -ESTALE);
	assert_int_equal(fstat(other, &st), 0);
	assert_int_equal(st.st_size, 0);
	close(other);
}

static void
never_writes_to_a_foreign_descriptor(void **state)
{
	struct pmt_bytesink sink;
	struct stat st;
	int other;

	(void)state;
	assert_int_equal(open_sink(path, &sink), 0);
	write_rows(&sink, 0, 10);
	other = open(directory, O_TMPFILE | O_RDWR, 0600);
	assert_true(other != -1);
	assert_int_equal(dup2(other, sink.file.fd), sink.file.fd);
	write_rows(&sink, 10, 20);
	assert_int_equal(pmt_bytesink_close(&sink, NULL, 0), 0);
	assert_rows(20);
	assert_int_equal(fstat(other, &st), 0);
	assert_int_equal(st.st_size, 0);
	close(other);
}

/* Closed, settled or full: all rows are there, and none before. */
static void
makes_no_file_before_it_has_to(void **state)
{
	const struct pmt_recorder_options late = { .late = true };
	struct pmt_bytesink sink = { 0 };
	const int rows[] = { 0, 10, 20, 50000 };

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(rows); i++) {
		unlink(path);
		memset(&sink, 0, sizeof(sink));
		assert_int_equal(pmt_bytesink_open(&sink, path, &late), 0);
		write_rows(&sink, 0, rows[i] / 2);
		pmt_bytesink_flush(&sink);
		assert_int_equal(access(path, F_OK), rows[i] > 20 ? 0 : -1);
		if (rows[i] == 20)
			pmt_bytesink_settle(&sink);
		assert_int_equal(access(tail, F_OK), rows[i] == 20 ? 0 : -1);
		write_rows(&sink, rows[i] / 2, rows[i]);
		assert_int_equal(pmt_bytesink_close(&sink, NULL, 0), 0);
		assert_rows(rows[i]);
	}
	memset(&sink, 0, sizeof(sink));
	assert_int_equal(pmt_bytesink_open(&sink, directory, &late), 0);
	write_rows(&sink, 0, 10);
	assert_int_equal(pmt_bytesink_close(&sink, NULL, 0), -EISDIR);
	assert_int_equal(sink.recorder.lost, 10);
}

static void
names_what_it_cannot_open(void **state)
{
	const struct pmt_recorder_options exclusive = { .exclusive = true };
	struct pmt_bytesink sink;

	(void)state;
	assert_int_equal(open_sink(directory, &sink), -EISDIR);
	assert_int_equal(open_sink("/no/such/log", &sink), -ENOENT);
	assert_int_equal(pmt_bytesink_open(&sink, path, &exclusive), -EEXIST);
}

static void
refuses_a_tail_that_is_none(void **state)
{
	FILE *file = fopen(tail, "w");

	(void)state;
	assert_non_null(file);
	fputs("something else", file);
	fclose(file);
	assert_int_equal(pmt_logtail_join(path), -EBADMSG);
	assert_int_equal(access(tail, F_OK), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_every_row),
		cmocka_unit_test(takes_rows_beyond_its_buffer),
		cmocka_unit_test(loses_nothing_when_killed),
		cmocka_unit_test(drops_whole_rows_on_a_full_disk),
		cmocka_unit_test(counts_each_row_that_is_dropped),
		cmocka_unit_test(never_writes_to_a_foreign_file),
		cmocka_unit_test(never_writes_to_a_foreign_descriptor),
		cmocka_unit_test(makes_no_file_before_it_has_to),
		cmocka_unit_test(names_what_it_cannot_open),
		cmocka_unit_test(refuses_a_tail_that_is_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_directory,
				      remove_directory);
}
