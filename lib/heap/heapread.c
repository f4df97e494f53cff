/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/heapfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log/compact.h"

/* The fewest bytes of an object, of an edge. */
enum { NODE_BYTES = 5 };

struct in {
	const uint8_t *p, *end;
	bool bad;		/* it ends too early, or says nonsense */
};

static uint64_t
get(struct in *in)
{
	uint64_t value = 0;
	const uint8_t *next;

	if (in->bad)
		return 0;
	next = pmt_get_varint(in->p, in->end, &value);
	if (next == NULL)
		in->bad = true;
	else
		in->p = next;
	return in->bad ? 0 : value;
}

/* A number that is less than BOUND. */
static uint32_t
get_below(struct in *in, uint64_t bound)
{
	uint64_t value = get(in);

	if (value >= bound)
		in->bad = true;
	return in->bad ? 0 : (uint32_t)value;
}

static const char *
get_text(struct in *in, size_t *length)
{
	const char *text;

	*length = get_below(in, (uint64_t)(in->end - in->p) + 1);
	if (*length > (size_t)(in->end - in->p))
		in->bad = true;
	text = (const char *)in->p;
	if (!in->bad)
		in->p += *length;
	return text;
}

/* Texts of one snapshot differ; hostile ones are made to. */
static int
get_names(struct in *in, struct pmt_heap *heap, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		size_t length;
		const char *text = get_text(in, &length);
		uint32_t number;
		char other[32];

		if (in->bad)
			return -EINVAL;
		number = pmt_names_add(&heap->names, text, length);
		if (number == PMT_NO_NAME)
			return -ENOMEM;
		if (number == i)
			continue;
		snprintf(other, sizeof(other), "\001%u", i);
		if (pmt_names_add(&heap->names, other, sizeof(other)) != i)
			return -EINVAL;
	}
	return 0;
}

/* Those of objects that are not there are left out later. */
static int
get_roots(struct in *in, struct pmt_heap *heap, uint32_t count, uint32_t nodes)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t node = get_below(in, nodes);
		uint32_t kind = get_below(in, PMT_ROOT_CODE);
		uint32_t name = get_below(in, heap->names.count);
		const char *text;

		if (in->bad)
			return -EINVAL;
		text = pmt_names_text(&heap->names, name);
		pmt_heap_root(heap, node, kind, text, strlen(text));
	}
	return heap->err;
}

static bool
is_label(const struct pmt_heap *heap, uint64_t label)
{
	return label <= PMT_EDGE_GLOBALS ||
	       (label >= PMT_EDGE_NAMES && (label & 3) <= PMT_NAMED_LOCAL &&
		(label - PMT_EDGE_NAMES) >> 2 < heap->names.count);
}

/* How many edges the runs of labels say; they are set from FIRST on. */
static uint32_t
get_runs(struct in *in, struct pmt_heap *heap, uint64_t runs, uint32_t first,
	 uint32_t room)
{
	uint32_t count = 0;

	for (; runs > 0 && !in->bad; runs--) {
		uint64_t label = get(in);
		uint32_t length = get_below(in, room - count + (uint64_t)1);

		if (length > (size_t)(in->end - in->p) ||
		    !is_label(heap, label)) {
			in->bad = true;
			break;
		}
		for (uint32_t i = 0; i < length; i++)
			heap->label[first + count++] = (uint32_t)label;
	}
	return count;
}

/* The same for a node that is labelled as BEFORE. */
static uint32_t
get_same(struct in *in, struct pmt_heap *heap, uint32_t before, uint32_t first,
	 uint32_t room)
{
	uint32_t count = heap->first[before + 1] - heap->first[before];

	if (count > room || count > (size_t)(in->end - in->p)) {
		in->bad = true;
		return 0;
	}
	memcpy(heap->label + first, heap->label + heap->first[before],
	       count * sizeof(*heap->label));
	return count;
}

static uint32_t
get_labels(struct in *in, struct pmt_heap *heap, uint32_t node, uint32_t *last,
	   uint32_t edges)
{
	uint64_t runs = get(in);
	uint32_t before = last[heap->type[node]], first = heap->edges;

	last[heap->type[node]] = node + 1;
	if (runs > 0)
		return get_runs(in, heap, runs - 1, first, edges - first);
	if (before == 0)
		in->bad = true;
	return in->bad ? 0
		       : get_same(in, heap, before - 1, first, edges - first);
}

static void
get_node(struct in *in, struct pmt_heap *heap, uint32_t *last,
	 uint32_t nodes, uint32_t edges, uint64_t *address)
{
	uint32_t node = heap->nodes, count;
	uint64_t marks, target = node;

	heap->type[node] = get_below(in, heap->names.count);
	*address += (uint64_t)pmt_unzigzag(get(in));
	heap->size[node] = get_below(in, (uint64_t)UINT32_MAX + 1);
	marks = get(in);
	heap->marks[node] = marks & 15;
	heap->spare[node] = (int32_t)pmt_unzigzag(marks >> 5);
	heap->address[node] = ~(*address * 8 |
				((marks & PMT_MARK_PSEUDO) != 0));
	count = get_labels(in, heap, node, last, edges);
	for (uint32_t i = 0; i < count && !in->bad; i++) {
		target += (uint64_t)pmt_unzigzag(get(in));
		if (target >= nodes)
			in->bad = true;
		else
			heap->target[heap->edges + i] = (uint32_t)target;
	}
	if (in->bad)
		return;
	heap->edges += count;
	heap->nodes++;
	pmt_heap_walked(heap);
}

/* Without what leads to objects that are not there. */
static void
cut(struct pmt_heap *heap)
{
	uint32_t kept = 0, edge = 0;

	for (uint32_t i = 0; i < heap->nodes; i++) {
		uint32_t end = heap->first[i + 1];

		for (; edge < end; edge++) {
			if (heap->target[edge] >= heap->nodes)
				continue;
			heap->target[kept] = heap->target[edge];
			heap->label[kept++] = heap->label[edge];
		}
		heap->first[i + 1] = kept;
	}
	heap->edges = kept;
	kept = 0;
	for (uint32_t i = 0; i < heap->roots; i++)
		if (heap->root[i].node < heap->nodes)
			heap->root[kept++] = heap->root[i];
	heap->roots = kept;
}

static int
get_graph(struct in *in, struct pmt_heap *heap, uint32_t nodes, uint32_t edges)
{
	struct pmt_room last = { NULL, 0 };
	uint64_t address = 0;
	int err = pmt_room_grow(&last, (heap->names.count + (size_t)1) *
				       sizeof(uint32_t));

	if (err < 0)
		return err;
	while (heap->nodes < nodes && !in->bad)
		get_node(in, heap, last.start, nodes, edges, &address);
	pmt_room_free(&last);
	if (heap->nodes < nodes)
		cut(heap);
	return 0;
}

static int
get_all(struct in *in, struct pmt_heap *heap, struct pmt_heap_head *head,
	uint64_t *torn)
{
	const uint64_t size = (uint64_t)(in->end - in->p);
	uint32_t names, roots, nodes, edges;
	size_t length;
	const char *text;
	int err;

	head->pid = get(in);
	head->time = get(in);
	text = get_text(in, &length);
	length = length < sizeof(head->python) ? length
					       : sizeof(head->python) - 1;
	if (in->bad)
		return -EINVAL;
	memcpy(head->python, text, length);
	head->python[length] = '\0';
	names = get_below(in, size);
	roots = get_below(in, size);
	nodes = get_below(in, UINT32_MAX - 2);
	edges = get_below(in, UINT32_MAX - 2);
	if (in->bad)
		return -EINVAL;
	/* A torn file says more than it holds, and a hostile one too. */
	err = pmt_heap_init(heap, nodes < size / NODE_BYTES + 1 ? nodes :
				  (uint32_t)(size / NODE_BYTES + 1),
			    edges < size ? edges : (uint32_t)size);
	if (err < 0)
		return err;
	err = get_names(in, heap, names);
	if (err == 0)
		err = get_roots(in, heap, roots, nodes);
	if (err == 0)
		err = get_graph(in, heap, nodes,
				edges < size ? edges : (uint32_t)size);
	*torn = nodes - heap->nodes;
	if (err < 0)
		pmt_heap_fini(heap);
	return err;
}

int
pmt_heap_read(struct pmt_heap *heap, struct pmt_heap_head *head,
	      uint64_t *torn, const void *data, size_t size)
{
	struct in in = { data, (const uint8_t *)data + size, false };

	if (size < PMT_HEAP_MAGIC_SIZE ||
	    memcmp(data, PMT_HEAP_MAGIC, PMT_HEAP_MAGIC_SIZE - 1) != 0)
		return -EINVAL;
	if (in.p[PMT_HEAP_MAGIC_SIZE - 1] != '1')
		return -ENOTSUP;
	in.p += PMT_HEAP_MAGIC_SIZE;
	return get_all(&in, heap, head, torn);
}
