/* SPDX-License-Identifier: MIT */
/* Whatever lies beside a log as its tail, nothing is read but what is there. */
#include <config.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log/logtail.h"
#include "read/input.h"
#include "read/logparts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LOG, TAIL, OLDER, PARTS };

static const char *const endings[PARTS] = { "", ".tail", ".older" };
/* Not on a disk, some of which take long to cut a file. */
static char log_path[] = "/dev/shm/pmt-fuzz-XXXXXX";
static int files[PARTS];

static char *
path_of(int part, char path[64])
{
	snprintf(path, 64, "%s%s", log_path, endings[part]);
	return path;
}

static void
clear_away(void)
{
	char path[64];

	for (int part = LOG; part < PARTS; part++)
		unlink(path_of(part, path));
}

static void
begin(void)
{
	char path[64];

	files[LOG] = mkostemp(log_path, O_CLOEXEC);
	atexit(clear_away);
	for (int part = LOG; part < PARTS; part++) {
		if (part != LOG)
			files[part] = open(path_of(part, path), O_RDWR |
					   O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (files[part] == -1)
			abort();
	}
}

/* A tail is mostly a page of nothing, which the input need not have. */
static void
fill(int part, const uint8_t *data, size_t size)
{
	const size_t head = part == TAIL && size > 24 ? 24 : 0;

	if (ftruncate(files[part], 0) == -1 ||
	    pwrite(files[part], data, head, 0) != (ssize_t)head ||
	    pwrite(files[part], data + head, size - head,
		   head == 0 ? 0 : PMT_LOGTAIL_TEXT) !=
	    (ssize_t)(size - head))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pmt_input input = { 0 };
	size_t log, older;
	uint64_t bytes;
	bool halves;

	if (files[LOG] == 0)
		begin();
	if (size < 2)
		return 0;
	log = data[0] % (size - 1);
	older = data[1] % (size - 1 - log);
	fill(LOG, data + 2, log);
	fill(OLDER, data + 2 + log, older);
	fill(TAIL, data + 2 + log + older, size - 2 - log - older);
	if (pmt_logparts_open(&input, log_path, &halves) != 0)
		abort();
	do {
		if (pmt_input_more(&input) != 0)
			abort();
		input.begin = input.end;
	} while (!input.at_end);
	bytes = input.bytes;
	pmt_input_close(&input);
	if (bytes > size || bytes != input.size)
		abort();
	return 0;
}
