/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "proc/cgroup.h"

static struct pmt_procfs *fs;

/* The fixture's own directory plays the mount, at a path with a blank. */
static void
write_group(const char *group, const char *root, const char *type)
{
	char path[256], text[512];

	assert_int_equal(pmt_procfs_open(fixture_root, &fs), 0);
	snprintf(path, sizeof(path), "%s/self", fixture_root);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/cg 2", fixture_root);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/cg 2/a", fixture_root);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(text, sizeof(text), "4:memory:/v1\n0::%s\n", group);
	fixture_write(42, "cgroup", text);
	snprintf(text, sizeof(text), "../self/mountinfo");
	snprintf(path, sizeof(path), "22 1 0:20 / /proc rw - proc proc rw\n"
		 "30 22 0:26 %s %s/cg\\0402 rw,nosuid shared:4 - %s x rw\n",
		 root, fixture_root, type);
	fixture_write(42, text, path);
}

static void
write_counter(const char *name, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "../cg 2/a/%s", name);
	fixture_write(42, path, value);
}

static void
write_counters(const char *max)
{
	write_counter("memory.current", "1048576\n");
	write_counter("memory.max", max);
	write_counter("memory.events", "low 0\nhigh 3\nmax 9\noom 2\n"
		      "oom_kill 1\noom_group_kill 0\n");
}

static void
reads_the_counters(void **state)
{
	struct pmt_cgroup cgroup;
	char *path;

	(void)state;
	write_group("/a", "/", "cgroup2");
	write_counters("2097152\n");
	assert_int_equal(pmt_cgroup_find(fs, 42, &path), 0);
	assert_int_equal(pmt_cgroup_read(path, &cgroup), 0);
	assert_int_equal(cgroup.current, 1048576);
	assert_int_equal(cgroup.max, 2097152);
	assert_int_equal(cgroup.high, 3);
	assert_int_equal(cgroup.oom, 2);
	assert_int_equal(cgroup.oom_kill, 1);
	write_counters("max\n");
	assert_int_equal(pmt_cgroup_read(path, &cgroup), 0);
	assert_true(cgroup.max == PMT_CGROUP_NO_LIMIT);
	free(path);
	pmt_procfs_close(fs);
}

static void
knows_a_part_that_is_mounted(void **state)
{
	char *path;

	(void)state;
	write_group("/docker/1234/a", "/docker/1234", "cgroup2");
	write_counters("max\n");
	assert_int_equal(pmt_cgroup_find(fs, 42, &path), 0);
	assert_string_equal(path + strlen(path) - 2, "/a");
	free(path);
	pmt_procfs_close(fs);
}

static void
names_what_is_missing(void **state)
{
	char *path = (void *)state;

	write_group("/a", "/", "cgroup");
	assert_int_equal(pmt_cgroup_find(fs, 42, &path), -ENOENT);
	assert_int_equal(pmt_cgroup_find(fs, 43, &path), -ESRCH);
	assert_ptr_equal(path, (void *)state);
	pmt_procfs_close(fs);
}

static void
takes_no_group_from_outside(void **state)
{
	char *path;

	(void)state;
	write_group("/../other", "/", "cgroup2");
	assert_int_equal(pmt_cgroup_find(fs, 42, &path), -ENOENT);
	pmt_procfs_close(fs);
}

static void
needs_the_memory_controller(void **state)
{
	char *path;

	(void)state;
	write_group("/a", "/", "cgroup2");
	write_counter("cpu.stat", "usage_usec 1\n");
	assert_int_equal(pmt_cgroup_find(fs, 42, &path), -ENOENT);
	pmt_procfs_close(fs);
}

int
main(void)
{
#define WITH_FIXTURE(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(reads_the_counters),
		WITH_FIXTURE(knows_a_part_that_is_mounted),
		WITH_FIXTURE(names_what_is_missing),
		WITH_FIXTURE(takes_no_group_from_outside),
		WITH_FIXTURE(needs_the_memory_controller),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
