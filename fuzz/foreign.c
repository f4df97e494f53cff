/* SPDX-License-Identifier: MIT */
/* Whatever is in the memory of a process, we find an end, or write nothing. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "attach/image.h"
#include "attach/memory.h"
#include "attach/pending.h"
#include "attach/place.h"
#include "attach/running.h"
#include "attach/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* No write makes it longer. */
enum { ROOM = 4096 };

/* Of 3.11, 3.13 and 3.14, but within the first bytes. */
static const struct pmt_attach_layout layouts[] = {
	{
		.version = 0x030b, .core_initialized = 8, .initialized = 12,
		.finalizing = 16, .main_interpreter = 24, .main_thread = 32,
		.id = 0, .threads = 8, .next = 0, .thread_id = 8, .frame = 16,
		.cframe_frame = 0, .current = 40,
		.breaker_base = PMT_IN_INTERPRETER, .breaker = 16,
		.breaker_size = 4, .breaker_bit = 1,
		.pending_base = PMT_IN_INTERPRETER, .pending = 24,
		.finishing = -1, .lock = 0, .lock_size = 8, .to_do = 8,
		.calls = 24, .call_size = 16, .call_count = 4, .first = 12,
		.last = 16, .async = 20, .signals = 48, .drop_request = 20,
		.path_size = -1,
	}, {
		.version = 0x030d, .core_initialized = 8, .initialized = 12,
		.finalizing = 16, .main_interpreter = 24, .main_thread = 32,
		.id = 0, .threads = 8, .next = 0, .thread_id = 8, .frame = 16,
		.cframe_frame = -1, .current = -1,
		.breaker_base = PMT_IN_THREAD, .breaker = 24,
		.breaker_size = 8, .breaker_bit = 4,
		.pending_base = PMT_IN_RUNTIME, .pending = 40,
		.finishing = -1, .lock = 0, .lock_size = 1, .to_do = 4,
		.calls = 16, .call_size = 24, .call_count = 4, .first = 8,
		.last = 12, .async = -1, .path_size = -1,
	}, {
		.version = 0x030e, .core_initialized = 8, .initialized = 12,
		.finalizing = 16, .main_interpreter = 24, .main_thread = 32,
		.id = 0, .threads = 8, .next = 0, .thread_id = 8, .frame = 16,
		.cframe_frame = -1, .current = -1,
		.breaker_base = PMT_IN_THREAD, .breaker = 24,
		.breaker_size = 8, .breaker_bit = 4,
		.enabled = 40, .support = 48, .asked = 56, .path = 64,
		.path_size = 32,
	},
};

static int
open_memory(void)
{
	int memory = memfd_create("memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (memory == -1 || ftruncate(memory, ROOM) == -1 ||
	    fcntl(memory, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) == -1)
		abort();
	return memory;
}

static void
find_names(int memory)
{
	struct pmt_image image;

	if (pmt_image_init(&image, memory, 0) != 0)
		return;
	pmt_ignore((int)pmt_image_find(&image, "_PyRuntime"));
	pmt_ignore((int)pmt_image_find(&image, "PyRun_SimpleString"));
}

static void
find_mappings(const uint8_t *data, size_t size)
{
	struct pmt_mappings maps = {
		.file = fmemopen((void *)(uintptr_t)data, size, "r"),
	};
	struct pmt_mapping mapping;

	if (maps.file == NULL)
		return;
	while (pmt_mappings_next(&maps, &mapping))
		if (mapping.path[0] != '/')
			abort();
	pmt_mappings_close(&maps);
}

static void
read_all(int memory, uint8_t *all)
{
	if (pread(memory, all, ROOM, 0) != ROOM)
		abort();
}

/* What is refused has changed nothing. */
static void
post(struct pmt_attach *attach)
{
	static uint8_t before[ROOM], after[ROOM];
	bool script = pmt_attach_is_script(attach);
	int err;

	read_all(attach->memory, before);
	err = script ? pmt_script_post(attach, "/tmp/script.py")
		     : pmt_pending_post(attach, "import this");
	read_all(attach->memory, after);
	if ((err == -EPROTO || err == -EAGAIN || err == -ECONNREFUSED) &&
	    memcmp(before, after, ROOM) != 0)
		abort();
	if (script) {
		pmt_ignore(pmt_script_is_asked(attach));
		pmt_ignore(pmt_script_withdraw(attach));
		return;
	}
	pmt_ignore(pmt_pending_is_queued(attach));
	if (attach->layout->async != -1)
		pmt_ignore(pmt_pending_settle(attach));
	pmt_ignore(pmt_pending_withdraw(attach));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t all[ROOM];
	static int memory = -1;

	if (memory == -1)
		memory = open_memory();
	find_mappings(data, size);
	memset(all, 0, ROOM);
	memcpy(all, data, size < ROOM ? size : ROOM);
	for (size_t i = 0; i < PMT_ARRAY_SIZE(layouts); i++) {
		struct pmt_attach attach = {
			.memory = memory, .layout = &layouts[i],
			.text = ROOM / 2,
		};

		if (pwrite(memory, all, ROOM, 0) != ROOM)
			abort();
		if (i == 0)
			find_names(memory);
		if (pmt_running_check(&attach) == 0 &&
		    pmt_running_thread(&attach) == 0)
			post(&attach);
	}
	return 0;
}
