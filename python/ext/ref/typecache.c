/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ref/typecache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "module/utf8.h"
#include "log/row.h"
#include "ref/measure.h"

enum { FIRST_SLOTS = 256 };

int
type_cache_init(struct typecache *cache, const struct type_filter *filter,
		bool qualified, bool sampled)
{
	memset(cache, 0, sizeof(*cache));
	cache->slot = calloc(FIRST_SLOTS, sizeof(struct known_type *));
	if (cache->slot == NULL)
		return -ENOMEM;
	cache->mask = FIRST_SLOTS - 1;
	cache->filter = filter;
	cache->qualified = qualified;
	cache->sampled = sampled;
	return 0;
}

static void
free_known_type(struct known_type *known)
{
	pmt_column_fini(&known->column);
	free(known->name);
	free(known);
}

void
type_cache_fini(struct typecache *cache)
{
	for (size_t i = 0; cache->slot != NULL && i <= cache->mask; i++) {
		if (cache->slot[i] != NULL)
			free_known_type(cache->slot[i]);
	}
	free(cache->slot);
	memset(cache, 0, sizeof(*cache));
}

void
type_cache_reset_counts(struct typecache *cache)
{
	for (size_t i = 0; i <= cache->mask; i++) {
		if (cache->slot[i] != NULL)
			cache->slot[i]->live = 0;
	}
}

static int
grow(struct typecache *cache)
{
	struct known_type **old = cache->slot;
	size_t slots = cache->mask + 1;

	cache->slot = calloc(2 * slots, sizeof(*old));
	if (cache->slot == NULL) {
		cache->slot = old;
		return -ENOMEM;
	}
	cache->mask = 2 * slots - 1;
	for (size_t i = 0; i < slots; i++) {
		if (old[i] != NULL)
			cache->slot[type_cache_slot(cache, old[i]->type)] =
				old[i];
	}
	free(old);
	return 0;
}

/*
 * __module__ of a heap type as UTF-8, the caller's to free, or NULL.  A lookup
 * by hash might run the __eq__ of a key; walking the class's dict cannot.
 */
static char *
module_of(PyTypeObject *type)
{
	PyObject *key, *value;
	Py_ssize_t pos = 0;
	size_t size;

	while (PyDict_Next(type->tp_dict, &pos, &key, &value)) {
		if (PyUnicode_CheckExact(key) &&
		    PyUnicode_EqualToUTF8(key, "__module__"))
			return PyUnicode_Check(value)
				       ? utf8_from_str(value, &size) : NULL;
	}
	return NULL;
}

/*
 * module.qualname, as repr() of a class has it; tp_name of a static type.
 * *whole is false if another thread was at the class's dict just now.
 */
static char *
qualified_name(PyTypeObject *type, bool *whole)
{
	char *module, *qualname, *name = NULL;
	size_t size;

	*whole = true;
	if ((type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0 ||
	    type_cache_qualname(type) == NULL)
		return strdup(type->tp_name);
	qualname = utf8_from_str(((PyHeapTypeObject *)type)->ht_qualname,
				 &size);
	*whole = compat_try_lock(type->tp_dict);
	if (!*whole)
		return qualname;
	module = module_of(type);
	compat_release(type->tp_dict);
	if (qualname == NULL || module == NULL ||
	    strcmp(module, "builtins") == 0) {
		free(module);
		return qualname;
	}
	if (asprintf(&name, "%s.%s", module, qualname) == -1)
		name = NULL;
	free(module);
	free(qualname);
	return name;
}

static bool
has_free_list(const PyTypeObject *type)
{
	return type == &PyFloat_Type || type == &PyTuple_Type ||
	       type == &PyList_Type || type == &PyDict_Type ||
	       type == &PySlice_Type || type == &PyContext_Type;
}

/* Names and the filter's word; the counts stay. */
static int
learn(const struct typecache *cache, struct known_type *known,
      PyTypeObject *type)
{
	bool whole;
	char *qualified = qualified_name(type, &whole);
	char *tp_name = strdup(type->tp_name);
	struct pmt_column column;
	char **name = cache->qualified ? &qualified : &tp_name;

	if (qualified == NULL || tp_name == NULL ||
	    pmt_column_init(&column, *name, strlen(*name),
			    PMT_TYPE_WIDTH) < 0) {
		free(qualified);
		free(tp_name);
		return -ENOMEM;
	}
	known->wanted = type_filter_wants(cache->filter, type, tp_name,
					  qualified);
	pmt_column_fini(&known->column);
	known->column = column;
	free(known->name);
	known->name = *name;
	*name = NULL;
	/* A name that is not whole is asked for again. */
	known->tp_name = whole ? type->tp_name : NULL;
	known->qualname = type_cache_qualname(type);
	known->pre_header = compat_pre_header(type);
	known->parks = has_free_list(type);
	known->measure = measure_of(type, cache->sampled);
	free(qualified);
	free(tp_name);
	return 0;
}

static struct known_type *
add(struct typecache *cache, PyTypeObject *type)
{
	struct known_type *known;

	if (2 * (cache->count + 1) > cache->mask && grow(cache) < 0)
		return NULL;
	known = calloc(1, sizeof(*known));
	if (known == NULL)
		return NULL;
	known->type = type;
	if (learn(cache, known, type) < 0) {
		free(known);
		return NULL;
	}
	cache->slot[type_cache_slot(cache, type)] = known;
	cache->count++;
	return known;
}

struct known_type *
type_cache_learn(struct typecache *cache, PyTypeObject *type)
{
	struct known_type *known = type_cache_find(cache, type);

	if (known == NULL)
		return add(cache, type);
	/* If that fails the old name serves on. */
	(void)learn(cache, known, type);
	return known;
}

void
type_cache_forget(struct typecache *cache, const PyTypeObject *type)
{
	size_t hole = type_cache_slot(cache, type), i = hole;

	if (cache->slot[hole] == NULL)
		return;
	free_known_type(cache->slot[hole]);
	cache->slot[hole] = NULL;
	cache->count--;

	/* Move up what linear probing had put behind the hole. */
	for (;;) {
		size_t home;

		i = (i + 1) & cache->mask;
		if (cache->slot[i] == NULL)
			return;
		home = type_cache_home(cache, cache->slot[i]->type);
		if (((i - home) & cache->mask) >= ((i - hole) & cache->mask)) {
			cache->slot[hole] = cache->slot[i];
			cache->slot[i] = NULL;
			hole = i;
		}
	}
}
