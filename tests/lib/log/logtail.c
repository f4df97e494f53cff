/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "log/logtail.h"

#define HEADER "SOF\nHDR:\n"

static char directory[] = "/tmp/pmt-logtail-XXXXXX";
static char log_path[64], tail_path[64], other_path[64];

static int
make_directory(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(log_path, sizeof(log_path), "%s/log", directory);
	snprintf(tail_path, sizeof(tail_path), "%s/log.tail", directory);
	snprintf(other_path, sizeof(other_path), "%s/other", directory);
	return 0;
}

static int
remove_files(void **state)
{
	(void)state;
	unlink(log_path);
	unlink(tail_path);
	unlink(other_path);
	return 0;
}

static int
remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void
write_tail(const char *path, uint64_t start, const char *text)
{
	struct pmt_logtail header = { .start = start, .used = strlen(text) };
	FILE *file = fopen(path, "w");

	memcpy(header.magic, PMT_LOGTAIL_MAGIC, sizeof(header.magic));
	assert_non_null(file);
	assert_int_equal(fwrite(&header, sizeof(header), 1, file), 1);
	fflush(file);
	assert_int_equal(ftruncate(fileno(file), PMT_LOGTAIL_TEXT), 0);
	fseek(file, PMT_LOGTAIL_TEXT, SEEK_SET);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void
assert_file(const char *path, const char *text)
{
	char found[64] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	found[fread(found, 1, sizeof(found) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(found, text);
}

/* Nothing was joined: the log, and what may be behind it, is as it was. */
static void
assert_refused(int err, const char *path, const char *text)
{
	assert_int_equal(pmt_logtail_join(log_path), err);
	assert_file(path, text);
	assert_int_equal(access(tail_path, F_OK), 0);
}

static void
joins_what_is_ours(void **state)
{
	(void)state;
	write_file(log_path, HEADER "half a r");
	write_tail(tail_path, strlen(HEADER), "row\n");
	assert_int_equal(pmt_logtail_join(log_path), 4);
	assert_file(log_path, HEADER "row\n a r");
	assert_int_equal(access(tail_path, F_OK), -1);
	/* All of the log may be in its tail. */
	write_file(log_path, "");
	write_tail(tail_path, 0, HEADER "row\n");
	assert_int_equal(pmt_logtail_join(log_path), strlen(HEADER) + 4);
	assert_file(log_path, HEADER "row\n");
}

static void
leaves_alone_what_is_no_log(void **state)
{
	(void)state;
	write_tail(tail_path, 3, "row\n");
	write_file(log_path, "root:x:0:0");
	assert_refused(-EBADMSG, log_path, "root:x:0:0");
	write_file(log_path, "");
	assert_refused(-EBADMSG, log_path, "");
	write_tail(tail_path, 1000, "row\n");
	write_file(log_path, HEADER);
	assert_refused(-EBADMSG, log_path, HEADER);
}

static void
follows_no_link(void **state)
{
	(void)state;
	write_file(other_path, HEADER);
	write_tail(tail_path, strlen(HEADER), "row\n");
	assert_int_equal(symlink(other_path, log_path), 0);
	assert_refused(-ELOOP, other_path, HEADER);
	unlink(log_path);
	assert_int_equal(link(other_path, log_path), 0);
	assert_refused(-EPERM, other_path, HEADER);

	remove_files(NULL);
	write_file(log_path, HEADER);
	write_tail(other_path, strlen(HEADER), "row\n");
	assert_int_equal(symlink(other_path, tail_path), 0);
	assert_refused(-ELOOP, log_path, HEADER);
	unlink(tail_path);
	assert_int_equal(link(other_path, tail_path), 0);
	assert_refused(-EPERM, log_path, HEADER);
	unlink(tail_path);
	assert_int_equal(mkfifo(tail_path, 0600), 0);
	assert_refused(-EPERM, log_path, HEADER);
}

static void
waits_for_the_writer(void **state)
{
	int fd;

	(void)state;
	write_file(log_path, HEADER);
	write_tail(tail_path, strlen(HEADER), "");
	fd = open(log_path, O_RDONLY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_refused(-EBUSY, log_path, HEADER);
	close(fd);
	assert_int_equal(pmt_logtail_join(log_path), 0);
	assert_int_equal(access(tail_path, F_OK), -1);
}

#define TEST(name) cmocka_unit_test_teardown(name, remove_files)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(joins_what_is_ours),
		TEST(leaves_alone_what_is_no_log),
		TEST(follows_no_link),
		TEST(waits_for_the_writer),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_directory,
				      remove_directory);
}
