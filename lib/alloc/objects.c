/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/objects.h"

#include <dlfcn.h>
#include <stddef.h>

#include "alloc/event.h"

/* PyMemAllocatorEx and PyObjectArenaAllocator, the same since 3.5. */
struct allocator {
	void *context;
	void *(*malloc)(void *, size_t);
	void *(*calloc)(void *, size_t, size_t);
	void *(*realloc)(void *, void *, size_t);
	void (*free)(void *, void *);
};

struct arena_allocator {
	void *context;
	void *(*alloc)(void *, size_t);
	void (*free)(void *, void *, size_t);
};

/* PYMEM_DOMAIN_MEM and PYMEM_DOMAIN_OBJ; the raw one is malloc's. */
enum { FIRST_DOMAIN = 1, LAST_DOMAIN = 2 };

static struct allocator below[LAST_DOMAIN + 1];
static struct arena_allocator arenas_below;

/* What lies below may come from malloc, and is not to be noted twice. */
static bool
begin(void)
{
	bool was_busy = pmt_self.busy;

	pmt_self.busy = true;
	pmt_self.in_object = !was_busy;
	return was_busy;
}

static void
leave(bool was_busy)
{
	pmt_self.busy = was_busy;
	pmt_self.in_object = false;
}

static void *
end(bool was_busy, void *p, size_t size)
{
	leave(was_busy);
	pmt_self.left -= (int64_t)size;
	if (p != NULL && pmt_self.left < 0)
		pmt_event_block(p, size);
	return p;
}

static void *
object_malloc(void *context, size_t size)
{
	const struct allocator *allocator = context;
	bool was_busy = begin();

	return end(was_busy, allocator->malloc(allocator->context, size),
		   size);
}

static void *
object_calloc(void *context, size_t count, size_t size)
{
	const struct allocator *allocator = context;
	bool was_busy = begin();

	return end(was_busy, allocator->calloc(allocator->context, count,
					       size), count * size);
}

static void
object_free(void *context, void *p)
{
	const struct allocator *allocator = context;
	bool was_busy;

	if (p != NULL)
		pmt_event_free(p);
	was_busy = begin();
	allocator->free(allocator->context, p);
	leave(was_busy);
}

static void *
object_realloc(void *context, void *p, size_t size)
{
	const struct allocator *allocator = context;
	bool was_busy;
	void *moved;

	if (p != NULL)
		pmt_event_free(p);
	was_busy = begin();
	moved = allocator->realloc(allocator->context, p, size);
	if (moved == NULL && p != NULL) {
		leave(was_busy);
		pmt_event_kept();
		return NULL;
	}
	return end(was_busy, moved, size);
}

bool
pmt_objects_watch(void)
{
	void (*get)(int, struct allocator *);
	void (*set)(int, struct allocator *);
	bool ours = true;

	*(void **)&get = dlsym(RTLD_DEFAULT, "PyMem_GetAllocator");
	*(void **)&set = dlsym(RTLD_DEFAULT, "PyMem_SetAllocator");
	if (get == NULL || set == NULL)
		return false;
	for (int domain = FIRST_DOMAIN; domain <= LAST_DOMAIN; domain++) {
		struct allocator now, hook = {
			&below[domain], object_malloc, object_calloc,
			object_realloc, object_free,
		};

		get(domain, &now);
		if (now.malloc == object_malloc)
			continue;
		ours = false;
		below[domain] = now;
		set(domain, &hook);
	}
	return ours;
}

void
pmt_objects_unwatch(void)
{
	void (*get)(int, struct allocator *);
	void (*set)(int, struct allocator *);

	*(void **)&get = dlsym(RTLD_DEFAULT, "PyMem_GetAllocator");
	*(void **)&set = dlsym(RTLD_DEFAULT, "PyMem_SetAllocator");
	if (get == NULL || set == NULL)
		return;
	for (int domain = FIRST_DOMAIN; domain <= LAST_DOMAIN; domain++) {
		struct allocator now;

		get(domain, &now);
		if (now.malloc == object_malloc)
			set(domain, &below[domain]);
	}
}

/* Objects that need it are noted later, by themselves. */
static void
note_arena(void *p, size_t size, bool comes)
{
	bool was_busy = pmt_self.busy;

	pmt_self.busy = was_busy && !pmt_self.in_object;
	if (pmt_event_enter()) {
		pmt_event_arena(p, size, comes);
		pmt_event_leave();
	}
	pmt_self.busy = was_busy;
}

static void *
arena_alloc(void *context, size_t size)
{
	bool was_busy = pmt_self.busy;
	void *p;

	(void)context;
	pmt_self.busy = true;
	p = arenas_below.alloc(arenas_below.context, size);
	pmt_self.busy = was_busy;
	if (p != NULL)
		note_arena(p, size, true);
	return p;
}

static void
arena_free(void *context, void *p, size_t size)
{
	bool was_busy = pmt_self.busy;

	(void)context;
	note_arena(p, size, false);
	pmt_self.busy = true;
	arenas_below.free(arenas_below.context, p, size);
	pmt_self.busy = was_busy;
}

void
pmt_objects_watch_arenas(void)
{
	void (*get)(struct arena_allocator *);
	void (*set)(struct arena_allocator *);
	struct arena_allocator hook = { NULL, arena_alloc, arena_free };

	*(void **)&get = dlsym(RTLD_DEFAULT, "PyObject_GetArenaAllocator");
	*(void **)&set = dlsym(RTLD_DEFAULT, "PyObject_SetArenaAllocator");
	if (get == NULL || set == NULL)
		return;
	get(&arenas_below);
	set(&hook);
}
