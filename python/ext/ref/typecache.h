/* SPDX-License-Identifier: MIT */
/* typecache.h - what a log knows of a type, found by the type's address. */
#ifndef PMT_TYPECACHE_H
#define PMT_TYPECACHE_H

#include "log/column.h"
#include "module/compat.h"
#include "ref/typefilter.h"

struct known_type {
	const PyTypeObject *type;
	bool wanted;		/* by the filter */
	bool parks;		/* dead objects may wait in a free list */
	PyCFunction measure;	/* see measure.h */
	unsigned int pre_header;	/* bytes in a block before its object */
	int64_t live;		/* objects that this log saw made and not die */
	char *name;		/* as in the log, not escaped; UTF-8 */
	struct pmt_column column;
	/* A renamed class has other addresses here: then the name is stale. */
	const char *tp_name;
	const PyObject *qualname;	/* of a heap type, else NULL */
};

/*
 * An open hash of the types met.  Types whose destruction is seen leave it, so
 * it grows with the types that live, and an address that is used again means
 * the new type.
 */
struct typecache {
	struct known_type **slot;
	size_t mask;		/* slots - 1; slots is a power of two */
	size_t count;
	const struct type_filter *filter;
	bool qualified;		/* names are module.qualname, not tp_name */
	bool sampled;		/* the allocator tells no sizes */
};

/*
 * FILTER is borrowed for the life of the cache.  Returns 0 or -ENOMEM.
 */
int type_cache_init(struct typecache *cache, const struct type_filter *filter,
		    bool qualified, bool sampled) PMT_MUST_CHECK;

void type_cache_fini(struct typecache *cache);

/* For the inline functions below: learn TYPE, which is new or was renamed. */
struct known_type *type_cache_learn(struct typecache *cache,
				    PyTypeObject *type);

static inline size_t
type_cache_home(const struct typecache *cache, const PyTypeObject *type)
{
	/* Fibonacci hashing; the low bits of an address say little. */
	return (size_t)((uintptr_t)type / 16 * 0x9e3779b97f4a7c15 >> 20) &
	       cache->mask;
}

/* Where TYPE is, or the free slot where it would be. */
static inline size_t
type_cache_slot(const struct typecache *cache, const PyTypeObject *type)
{
	size_t i = type_cache_home(cache, type);

	while (cache->slot[i] != NULL && cache->slot[i]->type != type)
		i = (i + 1) & cache->mask;
	return i;
}

/* What is known of TYPE, or NULL; TYPE is compared, never looked into. */
static inline struct known_type *
type_cache_find(const struct typecache *cache, const PyTypeObject *type)
{
	return cache->slot[type_cache_slot(cache, type)];
}

static inline const PyObject *
type_cache_qualname(const PyTypeObject *type)
{
	return type->tp_flags & Py_TPFLAGS_HEAPTYPE
		? ((const PyHeapTypeObject *)type)->ht_qualname : NULL;
}

/*
 * What is known of TYPE, which is learnt if new or renamed.  Runs no Python
 * code.  NULL when out of memory.
 */
static inline struct known_type *
type_cache_get(struct typecache *cache, PyTypeObject *type)
{
	struct known_type *known = type_cache_find(cache, type);

	if (pmt_unlikely(known == NULL || known->tp_name != type->tp_name ||
			 known->qualname != type_cache_qualname(type)))
		return type_cache_learn(cache, type);
	return known;
}

/* Begin to count anew, in the child of a fork. */
void type_cache_reset_counts(struct typecache *cache);

/* TYPE is being destroyed. */
void type_cache_forget(struct typecache *cache, const PyTypeObject *type);

#endif
