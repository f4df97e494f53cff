/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "attach/pending.h"

#include <errno.h>
#include <string.h>

#include "attach/memory.h"
#include "attach/running.h"

static uint64_t
pending_part(const struct pmt_attach *attach, int32_t part)
{
	const struct pmt_attach_layout *layout = attach->layout;

	return attach->base[layout->pending_base] + (uint64_t)layout->pending +
	       (uint64_t)part;
}

/* The ring of pending calls, if nobody is at work on it. */
static int
read_pending(const struct pmt_attach *attach, uint32_t *first, uint32_t *last,
	     uint32_t *to_do)
{
	const struct pmt_attach_layout *layout = attach->layout;
	uint64_t address = pending_part(attach, layout->lock);
	uint32_t count = (uint32_t)layout->call_count, lock = 0, queued;
	uint32_t ending = 0;
	int err = pmt_peek32(attach, pending_part(attach, layout->first),
			     first);

	if (err == 0)
		err = pmt_peek32(attach, pending_part(attach, layout->last),
			      last);
	if (err == 0)
		err = pmt_peek32(attach, pending_part(attach, layout->to_do),
				 to_do);
	if (err == 0 && layout->finishing != -1)
		err = pmt_peek32(attach,
				 pending_part(attach, layout->finishing),
				 &ending);
	/* A mutex of a byte, 0 is free; or a pointer to a semaphore, 1 is. */
	if (err == 0 && layout->lock_size != 1)
		err = pmt_peek64(attach, address, &address);
	if (err == 0)
		err = pmt_memory_read(attach->memory, address, &lock,
				      layout->lock_size == 1 ? 1 : 4);
	if (err != 0)
		return err;
	if (*first >= count || *last >= count || lock > 3 || ending > 1)
		return -EPROTO;
	queued = (*last + count - *first) % count;
	if (layout->version >= 0x030d ? *to_do != queued
				      : *to_do > 1 || (queued && !*to_do))
		return -EPROTO;
	return ending != 0 || lock != (layout->lock_size == 1 ? 0 : 1)
		       ? -EAGAIN : 0;
}

static int
write_ring(const struct pmt_attach *attach, uint32_t last, uint32_t to_do)
{
	const struct pmt_attach_layout *layout = attach->layout;
	int err = pmt_memory_write(attach->memory,
				   pending_part(attach, layout->last), &last,
				   sizeof(last));

	return err != 0 ? err : pmt_memory_write(
		attach->memory, pending_part(attach, layout->to_do), &to_do,
		sizeof(to_do));
}

int
pmt_pending_post(struct pmt_attach *attach, const char *code)
{
	const struct pmt_attach_layout *layout = attach->layout;
	uint64_t call[3] = { attach->run, attach->text, 0 };
	uint32_t count = (uint32_t)layout->call_count, first, last, to_do;
	int err = read_pending(attach, &first, &last, &to_do);

	if ((size_t)layout->call_size > sizeof(call))
		return -EPROTO;
	if (err == 0 && (last + 1) % count == first)
		err = -EAGAIN;
	if (err == 0 && code != NULL)
		err = pmt_memory_write(attach->memory, attach->text, code,
				       strlen(code) + 1);
	if (err == 0)
		err = pmt_memory_write(attach->memory,
				       pending_part(attach, layout->calls) +
				       last * (uint64_t)layout->call_size,
				       call, (size_t)layout->call_size);
	attach->slot = last;
	if (err == 0)
		err = write_ring(attach, (last + 1) % count,
				 layout->version >= 0x030d ? to_do + 1 : 1);
	return err == 0 ? pmt_running_break(attach) : err;
}

/* While our call is queued it lies between the first and the last. */
int
pmt_pending_is_queued(const struct pmt_attach *attach)
{
	const struct pmt_attach_layout *layout = attach->layout;
	uint32_t count = (uint32_t)layout->call_count, first, last;
	int err = pmt_peek32(attach, pending_part(attach, layout->first),
			     &first);

	if (err == 0)
		err = pmt_peek32(attach, pending_part(attach, layout->last),
			      &last);
	if (err != 0)
		return err;
	return (attach->slot + count - first) % count <
	       (last + count - first) % count;
}

/* Others may have queued calls since: ours becomes one of nothing. */
int
pmt_pending_withdraw(struct pmt_attach *attach)
{
	uint32_t first, last, to_do;
	int err = read_pending(attach, &first, &last, &to_do);

	if (err != 0)
		return err;
	if ((attach->slot + 1) % (uint32_t)attach->layout->call_count == last)
		err = write_ring(attach, attach->slot,
				 attach->layout->version >= 0x030d
					 ? to_do - 1 : first != attach->slot);
	else
		err = pmt_memory_write(attach->memory, attach->text, "", 1);
	return err;
}

/* What CPython does itself: UNSIGNAL_PENDING_CALLS(). */
int
pmt_pending_settle(struct pmt_attach *attach)
{
	const struct pmt_attach_layout *layout = attach->layout;
	uint32_t first, last, to_do, asynchronous, signals, drop, none = 0;
	uint64_t interpreter = attach->base[PMT_IN_INTERPRETER];
	int err = read_pending(attach, &first, &last, &to_do);

	if (err != 0 || to_do == 0 || first != last)
		return err;
	err = write_ring(attach, last, 0);
	if (err == 0)
		err = pmt_peek32(attach, pending_part(attach,
					 layout->async), &asynchronous);
	if (err == 0)
		err = pmt_peek32(attach, attach->runtime +
					 (uint64_t)layout->signals, &signals);
	if (err == 0)
		err = pmt_peek32(attach, interpreter +
					 (uint64_t)layout->drop_request,
					 &drop);
	if (err != 0 || asynchronous != 0 || signals != 0 || drop != 0)
		return err;
	return pmt_memory_write(attach->memory, interpreter +
				(uint64_t)layout->breaker, &none,
				sizeof(none));
}
