/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "attach/attach.h"

#include <errno.h>
#include <string.h>

#include "attach/memory.h"
#include "attach/pending.h"
#include "attach/place.h"
#include "attach/running.h"
#include "attach/script.h"
#include "attach/threads.h"

static int
waits(const struct pmt_attach *attach)
{
	return pmt_attach_is_script(attach) ? pmt_script_is_asked(attach)
					    : pmt_pending_is_queued(attach);
}

int
pmt_attach_post(struct pmt_attach *attach, const char *code, const char *script)
{
	struct pmt_threads threads;
	int err = 0;

	attach->base[PMT_IN_RUNTIME] = attach->runtime;
	attach->text = 0;
	attach->text_size = strlen(code) + 1;
	attach->queued = false;
	if (!pmt_attach_is_script(attach))
		err = pmt_place_find(attach->pid, attach->memory,
				     attach->text_size, &attach->text);
	if (err == 0)
		err = pmt_threads_stop(&threads, attach->pid);
	if (err != 0)
		return err;
	err = pmt_running_check(attach);
	if (err == 0)
		err = pmt_running_thread(attach);
	if (err == 0)
		err = pmt_attach_is_script(attach)
			      ? pmt_script_post(attach, script)
			      : pmt_pending_post(attach, code);
	pmt_threads_go(&threads);
	return err;
}

int
pmt_attach_is_taken(struct pmt_attach *attach)
{
	int waiting = waits(attach);

	return waiting < 0 ? waiting : !waiting;
}

void
pmt_attach_settle(struct pmt_attach *attach)
{
	struct pmt_threads threads;

	if (attach->layout->async == -1 ||
	    pmt_threads_stop(&threads, attach->pid) != 0)
		return;
	pmt_ignore(pmt_pending_settle(attach));
	pmt_threads_go(&threads);
}

/* A thread that waits for a lock runs pending calls, but never a script. */
static void
remind(struct pmt_attach *attach)
{
	if (pmt_attach_is_script(attach) && !attach->queued)
		attach->queued = pmt_pending_post(attach, NULL) == 0;
	/* It may just have computed its flags when we set them. */
	pmt_ignore(pmt_running_break(attach));
}

static int
withdraw(struct pmt_attach *attach)
{
	if (!pmt_attach_is_script(attach))
		return pmt_pending_withdraw(attach);
	/* What stays of that is no harm. */
	if (attach->queued && pmt_pending_is_queued(attach) == 1)
		pmt_ignore(pmt_pending_withdraw(attach));
	return pmt_script_withdraw(attach);
}

void
pmt_attach_wake(struct pmt_attach *attach)
{
	struct pmt_threads threads;

	if (pmt_threads_stop(&threads, attach->pid) != 0)
		return;
	/* If not, it has begun, or is another process by now. */
	if (waits(attach) == 1) {
		remind(attach);
		pmt_thread_interrupt(attach->pid);
	}
	pmt_threads_go(&threads);
}

int
pmt_attach_withdraw(struct pmt_attach *attach)
{
	struct pmt_threads threads;
	int err = pmt_threads_stop(&threads, attach->pid), waiting;

	if (err != 0)
		return err;
	waiting = waits(attach);
	if (waiting == 1)
		err = withdraw(attach);
	pmt_threads_go(&threads);
	return err != 0 ? err : waiting < 0 ? waiting : !waiting;
}

void
pmt_attach_clear(struct pmt_attach *attach)
{
	static const char zeros[4096];

	if (attach->text != 0 && attach->text_size <= sizeof(zeros))
		pmt_ignore(pmt_memory_write(attach->memory, attach->text,
					    zeros, attach->text_size));
	attach->text = 0;
}
