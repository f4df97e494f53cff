/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/event.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "alloc/counters.h"
#include "alloc/records.h"
#include "alloc/sampler.h"
#include "alloc/site.h"
#include "base/lock.h"

void (*pmt_event_due)(void);

/* glibc 2.32 and newer: no thread was made yet. */
extern char __libc_single_threaded __attribute__((weak));

static struct pmt_lock lock;
static uint32_t threads;
static pthread_key_t thread_end;

/* A child of CPython that only ends has made 2 to 48 of 4 KiB by then. */
enum { FEW_BLOCKS = 64, FEW_BYTES = 1 << 14 };

static uint32_t counted;
static uint64_t bytes;

/* A page that the kernel empties in each child, however it was made. */
static bool never;
static volatile bool *noting = &never;

static bool
is_alone(void)
{
	return &__libc_single_threaded != NULL && __libc_single_threaded;
}

static void
end_thread(void *thread)
{
	struct pmt_self *self = thread;

	pmt_stack_fini(&self->stack);
	pmt_native_fini(&self->native);
}

int
pmt_event_start(void)
{
	if (noting == &never) {
		long page = sysconf(_SC_PAGESIZE);
		void *map = pmt_own_get((size_t)page);

		if (map == NULL || pthread_key_create(&thread_end, end_thread))
			return -ENOMEM;
		(void)madvise(map, (size_t)page, MADV_WIPEONFORK);
		noting = map;
	}
	/* Read by threads that were not made yet, or take the lock first. */
	*noting = true;
	return 0;
}

void
pmt_event_stop(void)
{
	*noting = false;
}

bool
pmt_event_started(void)
{
	return *noting;
}

/* Tell the log who it is. */
static PMT_COLD void
meet_thread(struct pmt_self *self)
{
	char name[17] = "";
	int before = errno;
	uint8_t *p;

	self->number = ++threads;
	self->random = pmt_idmap_hash((uintptr_t)self ^ threads) | 1;
	(void)pthread_setspecific(thread_end, self);
	if (pmt_sampler_rate != 0)
		self->left += pmt_sampler_draw(self);
	if (pmt_event_mode >= PMT_EVENT_SUMMARY)
		return;
	(void)prctl(PR_GET_NAME, name);
	p = pmt_put_more(PMT_ALLOC_THREAD_NAME);
	p = pmt_put_varint(p, self->number);
	p = pmt_put_varint(p, (uint64_t)syscall(SYS_gettid));
	p = pmt_put_name(p, name, strnlen(name, 16));
	pmt_sink_commit(p);
	errno = before;
}

static inline bool
enter(struct pmt_self *self)
{
	if (self->busy || !*noting)
		return false;
	self->busy = true;
	self->locked = !is_alone();
	if (self->locked)
		pmt_lock_take(&lock);
	if (pmt_unlikely(self->number == 0))
		meet_thread(self);
	return true;
}

static inline void
leave(struct pmt_self *self)
{
	/* A log that cannot be written any more is at its end. */
	if (pmt_unlikely(pmt_sink.error != 0))
		*noting = false;
	if (self->locked)
		pmt_lock_release(&lock);
	self->busy = false;
}

bool
pmt_event_enter(void)
{
	return enter(&pmt_self);
}

void
pmt_event_leave(void)
{
	leave(&pmt_self);
}

void
pmt_event_forked(void)
{
	struct pmt_self *self = &pmt_self;

	self->locked = false;
	pmt_lock_release(&lock);
	threads = counted = 0;
	bytes = 0;
	self->number = 0;
	self->left = 0;
}

bool
pmt_event_is_idle(void)
{
	return counted < FEW_BLOCKS && bytes < FEW_BYTES;
}

static inline uint32_t
where(struct pmt_self *self)
{
	uint32_t node = pmt_python.code_type == NULL
		? 0 : pmt_stack_node(&self->stack);

	return pmt_native_wanted ? pmt_native_node(&self->native, node)
				 : node;
}

/* Is there a sample among the bytes of this block, or is it one anyway? */
static bool
is_sample(struct pmt_self *self)
{
	if (pmt_sampler_rate == 0) {
		self->left = 0;
		return true;
	}
	if (self->left >= 0)
		return false;
	while (self->left < 0)
		self->left += pmt_sampler_draw(self);
	return true;
}

void
pmt_event_block(void *address, size_t size)
{
	struct pmt_self *self = &pmt_self;

	if (!enter(self))
		return;
	bytes += size;
	if (pmt_probe_heard(malloc__site))
		pmt_site_block(address, size);
	if (pmt_likely(pmt_event_mode == PMT_EVENT_LOG)) {
		self->left = 0;
		pmt_put_block(self, where(self), address, size);
	} else if (pmt_event_mode == PMT_EVENT_SUMMARY) {
		if (is_sample(self))
			pmt_counters_add(self, where(self), address, size);
	} else if (pmt_event_mode == PMT_EVENT_PROBES) {
		self->left = 0;
	} else if (is_sample(self) &&
		   pmt_blocks_add((uintptr_t)address, 1)) {
		pmt_put_block(self, where(self), address, size);
	}
	if (pmt_unlikely(++counted % 1024 == 0) && pmt_event_due != NULL)
		pmt_event_due();
	leave(self);
}

void
pmt_event_free(void *address)
{
	struct pmt_self *self = &pmt_self;

	if (!enter(self))
		return;
	if (pmt_probe_heard(free__site))
		pmt_site_free(address);
	if (pmt_likely(pmt_event_mode == PMT_EVENT_LOG)) {
		pmt_put_free(self, address);
	} else if (pmt_event_mode != PMT_EVENT_PROBES) {
		self->freed[0] = (uintptr_t)address;
		self->freed[1] = pmt_blocks_take((uintptr_t)address);
		if (self->freed[1] == 0)
			;
		else if (pmt_event_mode == PMT_EVENT_SUMMARY)
			pmt_counters_remove(self, address, self->freed[1]);
		else
			pmt_put_free(self, address);
	}
	leave(self);
}

static void
put_kept(const struct pmt_self *self)
{
	uint8_t *p = pmt_put_more(PMT_ALLOC_KEPT);

	pmt_sink_commit(pmt_put_varint(p, self->number));
}

/* Only a realloc() that failed, right after pmt_event_free(). */
PMT_COLD void
pmt_event_kept(void)
{
	struct pmt_self *self = &pmt_self;

	if (!enter(self))
		return;
	if (pmt_event_mode == PMT_EVENT_LOG) {
		put_kept(self);
	} else if (pmt_event_mode != PMT_EVENT_PROBES && self->freed[1] != 0 &&
		   pmt_blocks_add(self->freed[0], self->freed[1])) {
		if (pmt_event_mode == PMT_EVENT_SUMMARY)
			pmt_counters_restore(self->freed[1]);
		else
			put_kept(self);
	}
	leave(self);
}

void
pmt_event_map(void *address, size_t size)
{
	uint32_t node;
	uint8_t *head, *p;

	if (pmt_event_mode == PMT_EVENT_PROBES)
		return;
	node = where(&pmt_self);
	if (pmt_event_mode == PMT_EVENT_SUMMARY) {
		pmt_counters_map(&pmt_self, node, address, size);
		return;
	}
	p = pmt_put_head(&pmt_self, PMT_ALLOC_MAP, &head);
	p = pmt_put_node(p, head, node);
	p = pmt_put_page(p, address);
	pmt_sink_commit(pmt_put_varint(p, size));
}

void
pmt_event_unmap(void *address, size_t size)
{
	uint8_t *head, *p;

	if (pmt_event_mode == PMT_EVENT_PROBES)
		return;
	if (pmt_event_mode == PMT_EVENT_SUMMARY) {
		pmt_counters_unmap(&pmt_self, address, size);
		return;
	}
	p = pmt_put_head(&pmt_self, PMT_ALLOC_UNMAP, &head);
	p = pmt_put_page(p, address);
	pmt_sink_commit(pmt_put_varint(p, size));
}

void
pmt_event_remap(void *address, size_t size, void *moved, size_t new_size)
{
	uint8_t *p;

	if (pmt_event_mode == PMT_EVENT_PROBES)
		return;
	if (pmt_event_mode == PMT_EVENT_SUMMARY) {
		pmt_counters_remap(address, moved, new_size);
		return;
	}
	p = pmt_put_more(PMT_ALLOC_REMAP);
	p = pmt_put_page(p, address);
	p = pmt_put_varint(p, size);
	p = pmt_put_page(p, moved);
	pmt_sink_commit(pmt_put_varint(p, new_size));
}

void
pmt_event_arena(void *address, size_t size, bool comes)
{
	uint8_t *p;

	if (pmt_event_mode == PMT_EVENT_PROBES)
		return;
	if (pmt_event_mode == PMT_EVENT_SUMMARY) {
		pmt_counters_arena(size, comes);
		return;
	}
	p = pmt_put_more(comes ? PMT_ALLOC_ARENA : PMT_ALLOC_ARENA_FREE);
	p = pmt_put_page(p, address);
	pmt_sink_commit(pmt_put_varint(p, size));
}
