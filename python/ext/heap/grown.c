/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/grown.h"

#include "heap/walk.h"
#include "module/pmtmodule.h"

const char heap_grown_begin_doc[] =
"_grown_begin()\n\n"
"Have a child of the process count what is alive, for _grown_tell(), and wait\n"
"for it.";

const char heap_grown_tell_doc[] =
"_grown_tell() -> list of str\n\n"
"Of what there is more than at _grown_begin(), and who holds it, as messages\n"
"that pmt-log(5) describes; an empty list if that is not known.";

#if COMPAT_HEAP

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/escape.h"
#include "heap/child.h"
#include "heap/group.h"
#include "heap/lines.h"
#include "heap/text.h"
#include "module/threads.h"

enum {
	SECONDS = 60, PATH = 1024,
	ROWS = 12,
	FEW = 10,		/* objects, unless they have */
	MUCH = 1 << 16,		/* bytes */
	PART = 100,
};

/* Memory that only the children touch: it is none of the program's. */
static struct pmt_kinds_before *before;

static int
count_kinds(void *arg)
{
	struct heap_group group;
	struct pmt_kinds kinds;
	int err = heap_group_of_all(&group);

	if (err == 0)
		err = pmt_kinds_init(&kinds, &group.paths);
	return err == 0 ? pmt_kinds_remember(&kinds, &group.paths, arg) : err;
}

PyObject *
heap_grown_begin(PyObject *module, PyObject *Py_UNUSED(args))
{
	void *shared;
	ONE_AT_A_TIME;

	(void)module;
	if (before != NULL)
		Py_RETURN_NONE;
	shared = mmap(NULL, sizeof(*before), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		Py_RETURN_NONE;
	if (heap_child_run(count_kinds, shared, SECONDS) == 0)
		before = shared;
	else
		munmap(shared, sizeof(*before));
	Py_RETURN_NONE;
}

/* A few small objects are no growth, nor is less than a part of it all. */
static bool
matters(const struct pmt_kind *kind, uint64_t all)
{
	uint64_t gained = pmt_kind_gained(kind);

	return gained > all / PART &&
	       (gained >= MUCH || kind->count >= kind->before + FEW);
}

/* What gained most but for LAST, and what came before that. */
static const struct pmt_kind *
next_kind(const struct pmt_kinds *kinds, const struct pmt_kind *last,
	  uint64_t all)
{
	const struct pmt_kind *best = NULL;

	for (uint32_t i = 0; i < kinds->kinds; i++) {
		const struct pmt_kind *kind = &kinds->kind[i];
		uint64_t gained = pmt_kind_gained(kind);

		if (!matters(kind, all))
			continue;
		if (last != NULL && (gained > pmt_kind_gained(last) ||
				     (gained == pmt_kind_gained(last) &&
				      kind <= last)))
			continue;
		if (best == NULL || gained > pmt_kind_gained(best))
			best = kind;
	}
	return best;
}

static uint64_t
gained_by_all(const struct pmt_kinds *kinds)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < kinds->kinds; i++)
		sum += pmt_kind_gained(&kinds->kind[i]);
	return sum;
}

static void
put_kind(struct heap_lines *lines, const struct heap_group *group,
	 uint32_t first, uint32_t end, const struct pmt_kind *kind)
{
	const char *name = pmt_names_text(&group->heap.names, kind->type);
	char path[PATH], type[PMT_ESCAPED_SIZE(HEAP_NAME_SIZE)], of[24] = "";
	struct pmt_holding holding;
	uint32_t room = 1;

	if (heap_group_holders(group, first, end, &holding, &room) < 0 ||
	    room == 0)
		return;
	pmt_holding_text(&group->paths, &holding, path, sizeof(path));
	pmt_escape_name(name, strnlen(name, HEAP_NAME_SIZE), type);
	if (holding.length != 0)
		snprintf(of, sizeof(of), " (of %u)", holding.length);
	heap_lines_put(lines, "Grown: live=%u before=%u bytes=%llu "
		       "bytes_before=%llu type=%s held=%u by %s%s\n",
		       kind->count, kind->before,
		       (unsigned long long)kind->bytes,
		       (unsigned long long)kind->bytes_before, type,
		       holding.count, path, of);
}

/* Those that gained most, the first of them first; how many. */
static uint32_t
choose_kinds(const struct pmt_kinds *kinds, const struct pmt_kind **kind)
{
	const struct pmt_kind *last = NULL;
	uint64_t all = gained_by_all(kinds);
	uint32_t count = 0;

	while (count < ROWS && (last = next_kind(kinds, last, all)) != NULL)
		kind[count++] = last;
	return count;
}

static int
tell_kinds(void *arg)
{
	const struct pmt_kind *kind[ROWS];
	struct heap_lines *lines = arg;
	struct heap_group group;
	struct pmt_kinds kinds;
	uint32_t count, first[ROWS + 1];
	int err = heap_group_of_all(&group);

	if (err == 0)
		err = pmt_kinds_init(&kinds, &group.paths);
	if (err == 0)
		err = pmt_kinds_compare(&kinds, &group.paths, before);
	if (err < 0)
		return err;
	heap_lines_put(lines, "Grown at the end: live=%llu before=%llu "
		       "bytes=%llu\n", (unsigned long long)kinds.count,
		       (unsigned long long)kinds.before,
		       (unsigned long long)kinds.bytes);
	count = choose_kinds(&kinds, kind);
	err = heap_group_choose_kinds(&group, kind, count, first);
	for (uint32_t i = 0; i < count && err == 0; i++)
		put_kind(lines, &group, first[i], first[i + 1], kind[i]);
	return err;
}

PyObject *
heap_grown_tell(PyObject *module, PyObject *Py_UNUSED(args))
{
	struct heap_lines lines;
	PyObject *list;
	int err;
	ONE_AT_A_TIME;

	(void)module;
	if (before == NULL)
		return PyList_New(0);
	if (heap_lines_begin(&lines) < 0)
		return PyErr_NoMemory();
	err = heap_child_run(tell_kinds, &lines, SECONDS);
	/* It may run out of time after it has told some. */
	list = err == 0 || err == -ETIMEDOUT
		? heap_lines_list(&lines, heap_lines_text) : PyList_New(0);
	heap_lines_end(&lines);
	return list;
}

#else

PyObject *
heap_grown_begin(PyObject *module, PyObject *Py_UNUSED(args))
{
	(void)module;
	Py_RETURN_NONE;
}

PyObject *
heap_grown_tell(PyObject *module, PyObject *Py_UNUSED(args))
{
	(void)module;
	return PyList_New(0);
}

#endif
