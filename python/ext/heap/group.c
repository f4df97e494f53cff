/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/walk.h"

#if COMPAT_HEAP

#include "heap/group.h"

#include <errno.h>
#include <string.h>

#include "heap/memscan.h"

/*
 * Nobody has so many references: modules made by Cython, for one, give their
 * constants such a count, lest they ever be freed.
 */
enum { FOR_EVER = 1 << 28 };

static int
add_node(struct heap_group *group, uint32_t node)
{
	uint32_t *nodes;
	int err = pmt_room_grow(&group->nodes, (group->count + (size_t)1) *
					       sizeof(*nodes));

	if (err == 0) {
		nodes = group->nodes.start;
		nodes[group->count++] = node;
	}
	return err;
}

int
heap_group_seek_lost(struct heap_group *group)
{
	struct pmt_room inverted = { NULL, 0 }, found = { NULL, 0 };
	const uint32_t *node = group->nodes.start;
	uint8_t *lost;
	uint32_t count = 0, *times;
	uint64_t *address;
	int err = pmt_room_grow(&group->lost, group->count + (size_t)1);

	if (err == 0)
		err = pmt_room_grow(&inverted, (group->count + (size_t)1) * 8);
	if (err == 0)
		err = pmt_room_grow(&found, (group->count + (size_t)1) * 4);
	lost = group->lost.start;
	if (err == 0)
		memset(lost, 0, group->count);
	address = inverted.start;
	times = found.start;
	for (uint32_t i = 0; i < group->count && err == 0; i++)
		if (pmt_holders_by_c(&group->paths, node[i]))
			address[count++] = group->heap.address[node[i]];
	if (count > 0 && err == 0 && pmt_memscan(address, count, times) == 0) {
		count = 0;
		for (uint32_t i = 0; i < group->count; i++)
			if (pmt_holders_by_c(&group->paths, node[i])) {
				uint64_t at = ~address[count];
				Py_ssize_t all = Py_REFCNT((PyObject *)at);

				lost[i] = times[count++] < all &&
					  all < FOR_EVER;
			}
	}
	pmt_room_free(&inverted);
	pmt_room_free(&found);
	return err;
}

static int
finish(struct heap_group *group, int err)
{
	if (err == 0)
		err = pmt_paths_init(&group->paths, &group->heap);
	if (err == 0)
		err = heap_group_seek_lost(group);
	if (err < 0)
		heap_group_fini(group);
	return err;
}

int
heap_group_of_type(struct heap_group *group, PyTypeObject *type)
{
	struct pmt_heap *heap = &group->heap;
	int err;

	*group = (struct heap_group){ .count = 0 };
	err = heap_walk(heap);
	for (uint32_t i = 0; err == 0 && i < heap->nodes; i++)
		if (!(heap->marks[i] & PMT_MARK_PSEUDO) &&
		    Py_TYPE((PyObject *)pmt_heap_address(heap, i)) == type)
			err = add_node(group, i);
	return finish(group, err);
}

/* place[TYPE] becomes i + 1 where TYPE is the number of name[i]. */
static int
number_names(struct pmt_heap *heap, const char *const *name, uint32_t count,
	     struct pmt_room *place)
{
	uint32_t number;
	int err = 0;

	for (uint32_t i = 0; err == 0 && i < count; i++) {
		number = pmt_names_add(&heap->names, name[i], strlen(name[i]));
		err = number == PMT_NO_NAME ? -ENOMEM
			: pmt_room_grow(place, heap->names.count *
					       sizeof(number));
		if (err == 0)
			((uint32_t *)place->start)[number] = i + 1;
	}
	return err;
}

/* Nodes by their place: as many of each as first[] has room for. */
static void
sort_nodes(const struct pmt_heap *heap, const uint32_t *place, uint32_t *first,
	   uint32_t *nodes)
{
	for (uint32_t i = 0; i < heap->nodes; i++)
		if (place[heap->type[i]] != 0)
			nodes[first[place[heap->type[i]]]++] = i;
}

static int
choose(struct heap_group *group, const uint32_t *place, uint32_t count,
       uint32_t *first)
{
	const struct pmt_heap *heap = &group->heap;
	int err;

	memset(first, 0, (count + (size_t)1) * sizeof(*first));
	for (uint32_t i = 0; i < heap->nodes; i++)
		if (place[heap->type[i]] != 0)
			group->count++, first[place[heap->type[i]]]++;
	err = pmt_room_grow(&group->nodes,
			    (group->count + (size_t)1) * sizeof(*first));
	for (uint32_t i = count, end = group->count; i > 0; i--)
		end = first[i] = end - first[i];
	if (err == 0)
		sort_nodes(heap, place, first, group->nodes.start);
	return err;
}

int
heap_group_of_names(struct heap_group *group, const char *const *name,
		    uint32_t count, uint32_t *first)
{
	struct pmt_heap *heap = &group->heap;
	struct pmt_room place = { NULL, 0 };
	int err;

	*group = (struct heap_group){ .count = 0 };
	err = heap_walk(heap);
	if (err == 0)
		err = number_names(heap, name, count, &place);
	if (err == 0)
		err = pmt_room_grow(&place, heap->names.count *
					    sizeof(uint32_t));
	if (err == 0)
		err = choose(group, place.start, count, first);
	pmt_room_free(&place);
	if (err == 0)
		err = pmt_paths_init(&group->paths, heap);
	if (err < 0)
		heap_group_fini(group);
	return err;
}

int
heap_group_add_kinds(struct heap_group *group,
		     const struct pmt_kind *const *kind, uint32_t count,
		     uint32_t *first)
{
	const struct pmt_heap *heap = &group->heap;
	int err = 0;

	for (uint32_t k = 0; k < count; k++) {
		first[k] = group->count;
		for (uint32_t i = 0; err == 0 && i < heap->nodes; i++)
			if (heap->type[i] == kind[k]->type &&
			    group->paths.way[i] == kind[k]->way &&
			    !(heap->marks[i] & PMT_MARK_PSEUDO))
				err = add_node(group, i);
	}
	first[count] = group->count;
	return err;
}

const char *
heap_group_kind(const struct heap_group *group,
		const struct pmt_holding *holding)
{
	static const char *const kinds[PMT_ROOT_KINDS] = {
		"module", "type", "thread", "interpreter", "frame", "C code",
	};

	if (holding->verdict == PMT_GARBAGE)
		return "garbage";
	if (holding->verdict == PMT_LEAKED)
		return "leaked";
	return kinds[pmt_way_root(&group->paths, holding->way)];
}

static void
ignore(struct pmt_heap *heap, PyObject *object)
{
	uint32_t node = pmt_heap_find(heap, (uintptr_t)object);

	if (node != PMT_NO_NODE)
		heap->marks[node] |= PMT_MARK_IGNORED;
}

int
heap_group_of_objects(struct heap_group *group, PyObject *asked,
		      PyObject *items)
{
	struct pmt_heap *heap = &group->heap;
	int err;

	*group = (struct heap_group){ .count = 0 };
	err = heap_walk(heap);
	for (Py_ssize_t i = 0; err == 0 && i < PySequence_Fast_GET_SIZE(items);
	     i++) {
		PyObject *object = PySequence_Fast_GET_ITEM(items, i);
		uint32_t node = pmt_heap_find(heap, (uintptr_t)object);

		if (node != PMT_NO_NODE)
			err = add_node(group, node);
	}
	if (err == 0) {
		ignore(heap, items);
		ignore(heap, asked);
	}
	return finish(group, err);
}

int
heap_group_holders(const struct heap_group *group, uint32_t first,
		   uint32_t end, struct pmt_holding *out, uint32_t *room)
{
	const uint32_t *nodes = group->nodes.start;
	const uint8_t *lost = group->lost.start;

	return pmt_holders_find(&group->paths, nodes + first, end - first,
				lost + first, out, room);
}

void
heap_group_fini(struct heap_group *group)
{
	pmt_room_free(&group->nodes);
	pmt_room_free(&group->lost);
	pmt_paths_fini(&group->paths);
	pmt_heap_fini(&group->heap);
}

#endif
