/* SPDX-License-Identifier: MIT */
/* A compact log tells of its opening message what a text log tells. */
#include <config.h>

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "read/logread.h"
#include "report/recorders.h"

static char path[] = "/tmp/pmt-compactlog-XXXXXX";

/* What was read: the opening message, and the first row. */
struct told {
	char *introduction;
	size_t length;
	uint64_t line;
	char text[16];
};

static void
write_log(enum pmt_encoding encoding, const char *message)
{
	const struct pmt_recorder_options options = { 0 };
	const struct pmt_note note = { .clock = 1, .text = "here", .size = 4 };
	struct pmt_recorder *log;

	assert_int_equal(pmt_recorder_of(encoding)(path, &options, &log), 0);
	pmt_recorder_begin(log, 'O', 0, message);
	pmt_recorder_note(log, &note);
	pmt_recorder_end(log);
	assert_int_equal(pmt_recorder_close(log, NULL), 0);
}

static struct told
read_log(void)
{
	struct pmt_sites *sites = pmt_sites_new();
	struct pmt_event event = { 0 };
	struct pmt_text introduction;
	struct pmt_log *log;
	struct told told;

	assert_non_null(sites);
	assert_int_equal(pmt_log_open(path, sites, NULL, &log), 0);
	introduction = pmt_log_introduction(log);
	assert_int_equal(pmt_log_next(log, &event), 1);
	assert_int_equal(event.row, PMT_ROW_MSG);
	assert_in_range(event.text.length, 0, sizeof(told.text) - 1);
	told = (struct told){
		.introduction = malloc(introduction.length + 1),
		.length = introduction.length,
		.line = event.line,
	};
	assert_non_null(told.introduction);
	if (introduction.length > 0)
		memcpy(told.introduction, introduction.bytes,
		       introduction.length);
	memcpy(told.text, event.text.bytes, event.text.length);
	assert_int_equal(pmt_log_next(log, &event), 0);
	assert_true(pmt_log_ended(log));
	pmt_log_close(log);
	pmt_sites_free(sites);
	return told;
}

static void
compare(const char *message)
{
	struct told text, compact;

	write_log(PMT_ENCODING_TEXT, message);
	text = read_log();
	write_log(PMT_ENCODING_COMPACT, message);
	compact = read_log();
	assert_string_equal(text.text, "here");
	assert_string_equal(compact.text, "here");
	assert_int_equal(compact.line, text.line);
	assert_int_equal(compact.length, text.length);
	assert_memory_equal(compact.introduction, text.introduction,
			    text.length);
	free(text.introduction);
	free(compact.introduction);
}

static void
any_message_is_that_of_a_text_log(void **state)
{
	static const char *const messages[] = {
		NULL, "", "a", "a\n", "a\n\n", "\n", "a\nb", "a\nb\n",
		"\303\244\n", "a\r\nb",
	};

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(messages); i++)
		compare(messages[i]);
}

static void
a_long_message_is_that_of_a_text_log(void **state)
{
	size_t size = 1000000;
	char *message = malloc(size + 1);

	(void)state;
	assert_non_null(message);
	for (size_t i = 0; i < size; i++)
		message[i] = i % 61 == 60 ? '\n' : (char)('a' + i % 26);
	message[size] = '\0';
	compare(message);
	free(message);
}

static int
set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	/* What is not written does not happen to be zero. */
	mallopt(M_PERTURB, 0x55);
	return fd == -1 ? -1 : close(fd);
}

static int
tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_message_is_that_of_a_text_log),
		cmocka_unit_test(a_long_message_is_that_of_a_text_log),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
