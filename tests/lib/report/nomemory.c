/* SPDX-License-Identifier: MIT */
/*
 * Memory is short once, at each allocation in turn: whatever was asked for
 * says -ENOMEM, or gives what it gives otherwise.
 */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "books/growth.h"
#include "books/leakgroups.h"
#include "books/leaktypes.h"
#include "proc/proctree.h"
#include "read/logread.h"
#include "report/leakreport.h"
#include "report/recorders.h"

/* The linker has all of lib/ call these (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
char *__wrap_strdup(const char *text);

static unsigned int countdown;	/* allocations until one fails; 0: none */
static bool failed;

static bool
fails(void)
{
	if (countdown == 0 || --countdown > 0)
		return false;
	failed = true;
	return true;
}

void *
__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *
__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

void *
__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return fails() ? NULL : __real_reallocarray(old, count, size);
}

char *
__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

/* What a run gave, in numbers that must come again. */
static uint64_t sum;

static void
add(uint64_t number)
{
	sum = sum * 31 + number;
}

/* A run returns 0 or -errno, and adds up what it found. */
typedef int attempt(const char *path);

static void
try_each_allocation(attempt *run, const char *path)
{
	uint64_t expected;
	unsigned int n = 0;
	int err;

	countdown = 0;
	sum = 0;
	assert_int_equal(run(path), 0);
	expected = sum;
	do {
		assert_in_range(++n, 1, 20000);
		countdown = n;
		failed = false;
		sum = 0;
		err = run(path);
		countdown = 0;
		if (err == 0)
			assert_int_equal(sum, expected);
		else
			assert_int_equal(err, -ENOMEM);
		/* All that is left is cheap, and costs less in strides. */
		if (n > 400)
			n += n / 16;
	} while (failed);
}

static int
report(const struct pmt_leaks *leaks, const struct pmt_sites *sites)
{
	const struct pmt_leakreport what = { .leaks = leaks, .sites = sites };
	struct pmt_type_counts types;
	FILE *out = fopen("/dev/null", "w");
	int err;

	assert_non_null(out);
	err = pmt_types_count(leaks, sites, &what.choice, &types);
	if (err == 0) {
		add(types.count);
		free(types.list);
		err = pmt_leakreport_leaks(out, &what);
	}
	if (err == 0)
		err = pmt_leakreport_objects(out, &what);
	if (err == 0)
		err = pmt_leakreport_types(out, &what);
	if (err == 0)
		err = pmt_leakreport_untracked(out, &what);
	fclose(out);
	return err;
}

static int
enter(const struct pmt_event *event, struct pmt_leaks *leaks,
      struct pmt_growth *growth)
{
	struct pmt_object former;
	struct pmt_growth_step step;

	/* Where memory is short, a row of a compact log is a bad record. */
	if (event->row == PMT_ROW_PROBLEM)
		return failed ? -ENOMEM : (add(event->line), 0);
	add(event->row);
	add(event->site);
	if (event->row <= PMT_ROW_DEL)
		return pmt_leaks_add(leaks, event, &former);
	if (event->row <= PMT_ROW_LAST)
		return pmt_growth_add(growth, event, &step);
	return 0;
}

static int
read_events(struct pmt_log *log, struct pmt_leaks *leaks,
	    struct pmt_growth *growth)
{
	struct pmt_event events[8];
	int n;

	while ((n = pmt_log_read(log, events, 8)) > 0) {
		for (int i = 0; i < n; i++) {
			int err = enter(&events[i], leaks, growth);

			if (err != 0)
				return err;
		}
	}
	return n;
}

static int
read_log(const char *path)
{
	struct pmt_sites *sites = pmt_sites_new();
	struct pmt_leaks *leaks = pmt_leaks_new(0, true);
	struct pmt_growth *growth = NULL;
	struct pmt_log *log = NULL;
	uint32_t nodes = 0, lines = 0;
	int err = -ENOMEM;

	if (sites != NULL)
		growth = pmt_growth_new(sites, 0);
	if (growth != NULL && leaks != NULL)
		err = pmt_log_open(path, sites, NULL, &log);
	if (err == 0)
		err = read_events(log, leaks, growth);
	if (err == 0) {
		pmt_growth_nodes(growth, &nodes);
		pmt_growth_lines(growth, &lines);
		add(nodes);
		add(lines);
		add(pmt_leaks_totals(leaks)->live);
		err = report(leaks, sites);
	}
	pmt_log_close(log);
	pmt_growth_free(growth);
	pmt_leaks_free(leaks);
	pmt_sites_free(sites);
	return err;
}

static void
logs_are_read_or_not(void **state)
{
	static const char *const logs[] = {
		"compact-O-7", "compact-P-1", "pmt.log", "torn.log",
		"upstream-profile-all.log",
	};
	char path[512];

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(logs); i++) {
		snprintf(path, sizeof(path), "%s/fuzz/corpus/logread/%s",
			 getenv("srcdir"), logs[i]);
		try_each_allocation(read_log, path);
	}
}

static int
write_log(const char *path, enum pmt_encoding encoding)
{
	const struct pmt_recorder_options options = {
		.ring = true, .limit = 1 << 20,
	};
	const struct pmt_note note = { .text = "x", .size = 1 };
	struct pmt_reference_event event = { .created = true, .rss = 4096 };
	struct pmt_column type = { 0 }, file = { 0 };
	struct pmt_recorder *log = NULL;
	int err;

	if (pmt_column_init(&type, "t", 1, 32) < 0 ||
	    pmt_column_init(&file, "f", 1, 80) < 0) {
		pmt_column_fini(&type);
		return -ENOMEM;
	}
	event.type = &type;
	event.place.file = event.place.function = &file;
	err = pmt_recorder_of(encoding)(path, &options, &log);
	if (err == 0) {
		pmt_recorder_begin(log, 'O', 0, "message");
		for (uint64_t i = 1; i < 4000; i++) {
			event.address = 16 * i;
			event.place.line = (int)i;
			pmt_recorder_reference(log, &event);
		}
		pmt_recorder_note(log, &note);
		pmt_recorder_end(log);
		err = pmt_recorder_close(log, NULL);
	}
	pmt_column_fini(&type);
	pmt_column_fini(&file);
	return err;
}

static int
write_text(const char *path)
{
	return write_log(path, PMT_ENCODING_TEXT);
}

static int
write_compact(const char *path)
{
	return write_log(path, PMT_ENCODING_COMPACT);
}

static int
write_summary(const char *path)
{
	return write_log(path, PMT_ENCODING_SUMMARY);
}

static void
logs_are_written_or_not(void **state)
{
	char path[] = "/tmp/pmt-nomemory-XXXXXX", other[64];

	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(other, sizeof(other), "%s/log", path);
	try_each_allocation(write_text, other);
	try_each_allocation(write_compact, other);
	try_each_allocation(write_summary, other);
	unlink(other);
	assert_int_equal(rmdir(path), 0);
}

static int
read_tree(const char *root)
{
	struct pmt_procfs *fs = NULL;
	struct pmt_proctree *tree = NULL;
	int err = pmt_procfs_open(root, &fs);

	if (err == 0)
		err = pmt_proctree_new(fs, getpid(), 0, &tree);
	for (int i = 0; err == 0 && i < 3; i++)
		err = pmt_proctree_read(tree, PMT_PROC_NET | PMT_PROC_FDS);
	if (err == 0)
		add(pmt_proctree_count(tree));
	pmt_proctree_free(tree);
	pmt_procfs_close(fs);
	return err;
}

static void
processes_are_read_or_not(void **state)
{
	(void)state;
	try_each_allocation(read_tree, "/proc");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_are_read_or_not),
		cmocka_unit_test(logs_are_written_or_not),
		cmocka_unit_test(processes_are_read_or_not),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
