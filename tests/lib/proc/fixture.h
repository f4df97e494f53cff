/* SPDX-License-Identifier: MIT */
/* fixture.h - a directory that looks like /proc, for tests; with cmocka. */
#ifndef PMT_TESTS_FIXTURE_H
#define PMT_TESTS_FIXTURE_H

#include <ftw.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char fixture_root[64];

static inline int
fixture_remove_one(const char *path, const struct stat *status, int type,
		   struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

static inline int
fixture_setup(void **state)
{
	(void)state;
	strcpy(fixture_root, "/tmp/pmt-proc-XXXXXX");
	return mkdtemp(fixture_root) == NULL ? -1 : 0;
}

static inline int
fixture_teardown(void **state)
{
	(void)state;
	return nftw(fixture_root, fixture_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Make PID's file NAME with this text. */
static inline void
fixture_write(pid_t pid, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%d", fixture_root, (int)pid);
	mkdir(path, 0755);
	assert_in_range(snprintf(path, sizeof(path), "%s/%d/%s", fixture_root,
				 (int)pid, name), 1, sizeof(path) - 1);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* A process with a parent and a start time, in ticks. */
static inline void
fixture_process(pid_t pid, const char *name, pid_t ppid, unsigned long start)
{
	char text[512];

	snprintf(text, sizeof(text), "%d (%s) S %d 7 7 0 -1 4194560 "
		 "1000 2000 30 40 150 250 350 450 20 0 3 0 %lu 104857600 2560 "
		 "18446744073709551615 1 1 0 0 0 0 0 16781312 2 0 0 0 17 1 0 0 "
		 "500 0 0 0 0 0 0 0 0 0 0\n", (int)pid, name, (int)ppid, start);
	fixture_write(pid, "stat", text);
	fixture_write(pid, "statm", "25600 2560 512 4 0 1024 0\n");
}

static inline void
fixture_remove(pid_t pid)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%d", fixture_root, (int)pid);
	assert_int_equal(nftw(path, fixture_remove_one, 8,
			      FTW_DEPTH | FTW_PHYS), 0);
}

#endif
