/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ref/objectalloc.h"

#include <stdatomic.h>
#include <stdint.h>

/*
 * The process has one object allocator; so this is one.  Set ONE_AT_A_TIME
 * (threads.h) and read at any time.
 */
static struct {
	PyMemAllocatorEx below;
	/* NULL: nobody watches */
	void (*_Atomic freed)(uintptr_t address, const void *content);
	unsigned int watchers;
	bool installed;
	bool sizes;			/* what is given is noted, too */
} layer;

/*
 * What this thread was given last.  A thread of another interpreter or of a
 * free-threaded build gets its own between a block and the event of its object.
 */
static __thread struct {
	uintptr_t block;
	size_t size;
} given __attribute__((tls_model("initial-exec")));

static void *
remember(void *block, size_t size)
{
	given.block = (uintptr_t)block;
	given.size = size;
	return block;
}

static void
tell_freed(uintptr_t address, const void *content)
{
	void (*freed)(uintptr_t address, const void *content) =
		atomic_load_explicit(&layer.freed, memory_order_relaxed);

	if (freed != NULL)
		freed(address, content);
}

static void *
layer_malloc(void *ctx, size_t size)
{
	(void)ctx;
	return remember(layer.below.malloc(layer.below.ctx, size), size);
}

static void *
layer_calloc(void *ctx, size_t count, size_t size)
{
	(void)ctx;
	return remember(layer.below.calloc(layer.below.ctx, count, size),
			count * size);
}

static void *
layer_realloc(void *ctx, void *block, size_t size)
{
	uintptr_t before = (uintptr_t)block;
	void *moved = layer.below.realloc(layer.below.ctx, block, size);

	(void)ctx;
	if (before != 0 && moved != NULL && (uintptr_t)moved != before)
		tell_freed(before, moved);
	return remember(moved, size);
}

static void
layer_free(void *ctx, void *block)
{
	(void)ctx;
	if (block != NULL)
		tell_freed((uintptr_t)block, block);
	layer.below.free(layer.below.ctx, block);
}

/* What it does not look at stays the allocator's own function. */
static void
install(bool sizes)
{
	PyMemAllocatorEx above = layer.below;

	/* Who calls just now may see our function with that context. */
	above.realloc = layer_realloc;
	above.free = layer_free;
	if (sizes) {
		above.malloc = layer_malloc;
		above.calloc = layer_calloc;
	}
	PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &above);
	layer.installed = true;
	layer.sizes = sizes;
}

void
objectalloc_watch(void (*freed)(uintptr_t address, const void *content),
		  bool sizes)
{
	PyMemAllocatorEx current;

	atomic_store(&layer.freed, freed);
	layer.watchers++;
	PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &current);
	if (!layer.installed) {
		layer.below = current;
		install(sizes);
	} else if (sizes && !layer.sizes && current.free == layer_free) {
		install(true);
	}
}

void
objectalloc_unwatch(void)
{
	PyMemAllocatorEx current;

	if (--layer.watchers > 0)
		return;
	atomic_store(&layer.freed, NULL);
	PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &current);
	if (current.free != layer_free)
		return;
	PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &layer.below);
	layer.installed = layer.sizes = false;
}

static size_t
items_of(PyObject *object)
{
	if (PyLong_Check(object))
		return (size_t)compat_long_digits(object);
	return (size_t)Py_ABS(Py_SIZE(object));
}

size_t
objectalloc_size(PyObject *object)
{
	size_t header = compat_pre_header(Py_TYPE(object));

	if ((uintptr_t)object - header == given.block)
		return given.size;
	return objectalloc_basic_size(object);
}

size_t
objectalloc_basic_size(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);
	size_t size = compat_pre_header(type) + (size_t)type->tp_basicsize;

	if (type->tp_itemsize != 0)
		size += (size_t)type->tp_itemsize * items_of(object);
	return size;
}
