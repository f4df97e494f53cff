/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "attach/running.h"

#include <errno.h>
#include <string.h>

#include "attach/memory.h"

/* No process has more; but what is read may be no list at all. */
enum { THREADS_MAX = 100000 };

/* _PyRuntime, from 3.13 on, begins with this. */
static const char cookie[] = "xdebugpy";

int
pmt_peek64(const struct pmt_attach *attach, uint64_t address, uint64_t *value)
{
	return pmt_memory_read(attach->memory, address, value, sizeof(*value));
}

int
pmt_peek32(const struct pmt_attach *attach, uint64_t address, uint32_t *value)
{
	return pmt_memory_read(attach->memory, address, value, sizeof(*value));
}

/* The int at OFFSET of _PyRuntime is VALUE, or: -EAGAIN, not yet; -EPROTO. */
static int
expect_flag(const struct pmt_attach *attach, int32_t offset, uint32_t value)
{
	uint32_t found;
	int err = pmt_peek32(attach, attach->runtime + (uint64_t)offset,
			     &found);

	if (err != 0)
		return err;
	return found == value ? 0 : found > 1 ? -EPROTO : -EAGAIN;
}

int
pmt_running_check(struct pmt_attach *attach)
{
	const struct pmt_attach_layout *layout = attach->layout;
	char begin[sizeof(cookie) - 1];
	uint64_t finalizing, id = 1;
	int err = 0;

	if (layout->version >= 0x030d) {
		err = pmt_memory_read(attach->memory, attach->runtime, begin,
				      sizeof(begin));
		if (err == 0 && memcmp(begin, cookie, sizeof(begin)) != 0)
			err = -EPROTO;
	}
	if (err == 0)
		err = expect_flag(attach, layout->core_initialized, 1);
	if (err == 0)
		err = expect_flag(attach, layout->initialized, 1);
	if (err == 0)
		err = pmt_peek64(attach, attach->runtime +
			      (uint64_t)layout->finalizing, &finalizing);
	if (err == 0 && finalizing != 0)
		err = -EAGAIN;
	if (err == 0)
		err = pmt_peek64(attach, attach->runtime +
			      (uint64_t)layout->main_interpreter,
			      &attach->base[PMT_IN_INTERPRETER]);
	if (err == 0)
		err = pmt_peek64(attach, attach->base[PMT_IN_INTERPRETER] +
			      (uint64_t)layout->id, &id);
	return err == 0 && id != 0 ? -EPROTO : err;
}

int
pmt_running_thread(struct pmt_attach *attach)
{
	const struct pmt_attach_layout *layout = attach->layout;
	uint64_t wanted, state, met = 0, id = 0, frame = 0;
	int err = pmt_peek64(attach, attach->runtime +
			  (uint64_t)layout->main_thread, &wanted);

	if (err == 0)
		err = pmt_peek64(attach, attach->base[PMT_IN_INTERPRETER] +
			      (uint64_t)layout->threads, &state);
	for (int i = 0; err == 0 && id != wanted; i++) {
		/* All stands still: go round no circle 100,000 times. */
		if (state == 0 || state == met || i == THREADS_MAX)
			return -EAGAIN;
		if ((i & (i - 1)) == 0)
			met = state;
		attach->base[PMT_IN_THREAD] = state;
		err = pmt_peek64(attach, state + (uint64_t)layout->thread_id,
			      &id);
		if (err == 0)
			err = pmt_peek64(attach, state + (uint64_t)layout->next,
				      &state);
	}
	if (err == 0)
		err = pmt_peek64(attach, attach->base[PMT_IN_THREAD] +
			      (uint64_t)layout->frame, &frame);
	if (err == 0 && frame != 0 && layout->cframe_frame != -1)
		err = pmt_peek64(attach, frame + (uint64_t)layout->cframe_frame,
			      &frame);
	return err == 0 && frame == 0 ? -EAGAIN : err;
}

int
pmt_running_break(const struct pmt_attach *attach)
{
	const struct pmt_attach_layout *layout = attach->layout;
	uint64_t address = attach->base[layout->breaker_base] +
			   (uint64_t)layout->breaker;
	uint64_t value = 0, current = attach->base[PMT_IN_THREAD];
	int err = 0;

	/* The main thread computes it anew when it gets the GIL. */
	if (layout->current != -1)
		err = pmt_peek64(attach, attach->runtime +
					 (uint64_t)layout->current, &current);
	if (err != 0 || current != attach->base[PMT_IN_THREAD])
		return err;
	err = pmt_memory_read(attach->memory, address, &value,
				  (size_t)layout->breaker_size);

	value |= layout->breaker_bit;
	return err != 0 ? err : pmt_memory_write(attach->memory, address,
						 &value,
						 (size_t)layout->breaker_size);
}
