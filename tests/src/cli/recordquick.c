/* SPDX-License-Identifier: MIT */
/* What process_quick_parse() takes, jansson takes for the same. */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/common.h"
#include "cli/recordquick.h"

static const char *const plain[] = {
	"{\"timestamp\": \"2026-11-26 22:19:54.735820\", \"memory_info\": "
	"{\"rss\": 4739072, \"vms\": 5607424, \"shared\": 3239936, \"text\": "
	"790528, \"data\": 1589248, \"peak_rss\": 4739072, \"swap\": 0, "
	"\"pfaults\": 18939, \"pageins\": 3}, \"cpu_times\": {\"user\": 0.02, "
	"\"system\": 0.12, \"children_user\": 357.53, \"children_system\": "
	"83.0, \"iowait\": 0.0}, \"elapsed_time\": 3177.313343646, \"pid\": "
	"2386, \"page_faults\": {\"minor\": 18936, \"major\": 3}, "
	"\"threads\": 1, \"fds\": 9, \"context_switches\": {\"voluntary\": "
	"359, \"involuntary\": 92}, \"io_counters\": {\"read_count\": "
	"3829553}, \"cgroup\": {\"current\": 5, \"max\": 6, \"high\": 7, "
	"\"oom\": 8, \"oom_kill\": 9}, \"denied\": [\"pss\", \"fds\"], "
	"\"event\": \"START\"}\n",
	"{\"memory_info\":{\"rss\":1,\"pfaults\":5,\"pageins\":9},\"pid\":7,"
	"\"elapsed_time\":1,\"timestamp\":\"\",\"label\":\"a label\","
	"\"event\":\"STOP\",\"gone\":true,\"exit_status\":3,\"signal\":11,"
	"\"missed\":4} behind it",
};

static void
assert_same(const struct process_record *one,
	    const struct process_record *other, const char *text)
{
	assert_int_equal(one->kind, other->kind);
	assert_int_equal(one->has, other->has);
	assert_int_equal(one->pid, other->pid);
	assert_string_equal(one->timestamp, other->timestamp);
	assert_memory_equal(&one->elapsed, &other->elapsed, sizeof(double));
	assert_int_equal(one->gone, other->gone);
	assert_int_equal(one->exit_status, other->exit_status);
	assert_int_equal(one->signal, other->signal);
	if (memcmp(&one->rss, &other->rss, sizeof(*one) -
		   offsetof(struct process_record, rss)) != 0)
		fail_msg("other numbers: %s", text);
	assert_true((one->label == NULL) == (other->label == NULL));
	if (one->label != NULL)
		assert_string_equal(one->label, other->label);
}

/* Returns whether it was taken. */
static bool
check(const char *text)
{
	char *copy = strdup(text);
	struct process_record quick, slow;
	json_error_t error;
	json_t *json;
	bool taken;

	assert_non_null(copy);
	taken = process_quick_parse(copy, &quick);
	if (taken) {
		json = json_loads(text, JSON_DISABLE_EOF_CHECK, &error);
		if (json == NULL || !process_record_parse(json, &slow))
			fail_msg("no record: %s", text);
		assert_same(&quick, &slow, text);
		json_decref(json);
	} else {
		assert_string_equal(copy, text);
	}
	free(copy);
	return taken;
}

static void
test_plain(void **state)
{
	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(plain); i++)
		assert_true(check(plain[i]));
}

static void
test_numbers(void **state)
{
	static const char *const numbers[] = {
		"0", "00", "01", "0.", ".5", "-1", "1e3", "1.5E3", "0.1",
		"9007199254740993", "9007199254740993.5", "0.000000000000001",
		"123456789012345678", "1234567890123456789", "123456.7890123",
		"00.5", "1.2.3", "true", "\"5\"", "", "18446744073709551615",
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(numbers); i++) {
		snprintf(text, sizeof(text), "{\"timestamp\": \"\", "
			 "\"memory_info\": {\"rss\": 1, \"vms\": %s}, "
			 "\"cpu_times\": {\"user\": %s}, \"pid\": 1, "
			 "\"elapsed_time\": %s}", numbers[i], numbers[i],
			 numbers[i]);
		check(text);
	}
}

/* Copy, drop, double or change a piece of a record. */
static void
mutate(char *text, size_t room)
{
	static const char letters[] = "{}[]\",: .0159eE-+tna\\\t\n\x80\xc3";
	size_t length = strlen(text), at = (size_t)rand() % length;
	size_t from = (size_t)rand() % length, n = (size_t)rand() % 40;

	switch (rand() % 4) {
	case 0:
		text[at] = letters[(size_t)rand() % (sizeof(letters) - 1)];
		break;
	case 1:
		n = at + n > length ? length - at : n;
		memmove(text + at, text + at + n, length - at - n + 1);
		break;
	case 2:
		n = from + n > length ? length - from : n;
		n = at + n > length ? length - at : n;
		memmove(text + at, text + from, n);
		break;
	default:
		n = at + n > length ? length - at : n;
		if (length + n < room)
			memmove(text + at + n, text + at, length - at + 1);
	}
	if (text[0] == '\0')
		strcpy(text, "{");
}

static void
test_mutations(void **state)
{
	char text[4096];
	int taken = 0;

	(void)state;
	srand(7);
	for (int i = 0; i < 100000; i++) {
		strcpy(text, plain[i % 2]);
		for (int j = 0; j <= i % 5; j++)
			mutate(text, sizeof(text));
		taken += check(text);
	}
	assert_in_range(taken, 2000, 90000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_mutations),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
