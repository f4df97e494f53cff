/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ref/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/interval.h"
#include "log/sampled.h"
#include "log/sizes.h"
#include "module/callpath.h"
#include "module/location.h"
#include "module/probes.h"
#include "module/threads.h"
#include "ref/measure.h"
#include "ref/objectalloc.h"
#include "sample/chosen.h"
#include "tracelog/open.h"

static bool
is_sample(const struct ref_options *options)
{
	return options->sample > 1;
}

static size_t
own_bytes(const struct ref_session *session)
{
	return session->members.bytes + session->parkable.bytes +
	       session->resizable.bytes;
}

/* The log was opened: all that comes before its first event. */
static void
begin(struct ref_session *session)
{
	char sampling[512], objects[64] = "";

	pmt_sampler_describe(session->log.sampler, sampling, sizeof(sampling));
	if (is_sample(session->options))
		snprintf(objects, sizeof(objects), PMT_SAMPLED "%" PRIu64
			 PMT_SAMPLED_END, session->options->sample);
	pmt_tracelog_begin(&session->log, "pmt %s, CPython %s, %s%s%s%s",
			   PACKAGE_VERSION, compat_version(), sampling,
			   session->options->filter.builtins
				   ? "" : "; without builtins", objects,
			   compat_destructions_missed()
				   ? "; destructions that this CPython does "
				     "not report (gh-130382) are recovered"
				   : "");
	pmt_recorder_flush(session->log.file.log);
	session->rss = pmt_sampler_rss(session->log.sampler, pmt_ticks(),
				       NULL);
	session->own_bytes = own_bytes(session);
}

static int
open_tables(struct ref_session *session)
{
	const struct ref_options *options = session->options;
	int err;

	err = type_cache_init(&session->types, &options->filter,
			      options->qualified, is_sample(options));
	if (err == 0)
		err = pmt_liveset_init(&session->members);
	if (err == 0 && compat_destructions_missed())
		err = pmt_liveset_init(&session->parkable);
	/* In a ring the sizes of many would leave no rows. */
	if (err == 0 && (options->columns & PMT_WITH_SIZE) != 0 &&
	    !options->log.ring)
		err = pmt_liveset_init(&session->resizable);
	return err;
}

static void
close_tables(struct ref_session *session)
{
	pmt_liveset_fini(&session->members);
	pmt_liveset_fini(&session->parkable);
	pmt_liveset_fini(&session->resizable);
}

int
ref_session_open(struct ref_session *session,
		 const struct ref_options *options, unsigned int depth)
{
	const struct tracelog_tracer tracer = {
		.kind = 'O',
		.depth = depth,
		.columns = options->columns,
		.rss = is_sample(options) ? PMT_RSS_SELDOM : PMT_RSS_AUTO,
	};

	session->options = options;
	session->ask_at = UINT64_MAX;
	if (open_tables(session) < 0) {
		PyErr_NoMemory();
		ref_session_fini(session);
		return -1;
	}
	if (tracelog_open(&session->log, &options->log, &tracer) < 0) {
		ref_session_fini(session);
		return -1;
	}
	/* The sampler may be that of other logs, which get events. */
	events_lock();
	begin(session);
	events_unlock();
	return 0;
}

int
ref_session_close(struct ref_session *session)
{
	int err = pmt_tracelog_close(&session->log);

	close_tables(session);
	return err;
}

int
ref_session_flush(struct ref_session *session)
{
	if (!ref_session_has_log(session))
		return -EBADF;
	ref_session_sweep(session, PyThreadState_GetUnchecked());
	pmt_tracelog_note_memory(&session->log, PMT_MOMENT_END);
	pmt_recorder_flush(session->log.file.log);
	session->log.file.flushed = pmt_ticks();
	return -session->log.file.log->error;
}

void
ref_session_fini(struct ref_session *session)
{
	pmt_tracelog_fini(&session->log);
	close_tables(session);
	type_cache_fini(&session->types);
}

bool
ref_session_has_log(struct ref_session *session)
{
	if (pmt_likely(session->log.file.log != NULL))
		return true;
	if (pmt_tracelog_open_inherited(&session->log) < 0)
		return false;
	pmt_liveset_fini(&session->members);
	if (pmt_liveset_init(&session->members) < 0)
		return false;
	session->created = session->destroyed = session->unseen = 0;
	session->live = 0;
	type_cache_reset_counts(&session->types);
	begin(session);
	pmt_interval_resume();
	return true;
}

void
ref_session_message(struct ref_session *session, const char *text, size_t size)
{
	if (ref_session_has_log(session))
		pmt_tracelog_message(&session->log, text, size);
}

/*
 * Our own tables grow the process too: what they took since the last row is
 * no change of the program's.
 */
static int64_t
rss_change(struct ref_session *session, uint64_t rss)
{
	size_t own = own_bytes(session);
	int64_t change = (int64_t)(rss - session->rss) -
			 (int64_t)(own - session->own_bytes);

	session->rss = rss;
	session->own_bytes = own;
	return change;
}

/* Of all sessions: the event lock's. */
static struct callpath path;

/*
 * Where an object was made, for whom and by which calls.  Who destroys it is of
 * little use: it was made for somebody.
 */
static inline void
find_place(const struct ref_options *options, PyThreadState *tstate,
	   bool created, struct pmt_callers *callers,
	   struct pmt_reference_event *event)
{
	event->own.kind = PMT_OWN_NONE;
	event->own.line = 0;
	event->callers = NULL;
	if (!created || (options->columns & PMT_WITH_OWN) == 0) {
		location_current(tstate, &event->place);
		return;
	}
	callpath_find(&path, tstate);
	callpath_place(&path, &event->place);
	callpath_own(&path, path.count, path.known, &event->own);
	if (options->columns & PMT_WITH_STACK) {
		*callers = callpath_callers(&path, path.count,
					    options->log.stack);
		event->callers = callers;
	}
}

/* SIZE: bytes of the object, where the log has such a column. */
static void
write_row(struct ref_session *session, bool created, uintptr_t address,
	  uint64_t size, const struct known_type *known,
	  PyThreadState *tstate)
{
	unsigned int columns = session->options->columns;
	uint64_t ticks = pmt_ticks();
	/* Field by field: to clear them all first would cost as much. */
	struct pmt_reference_event event;
	struct pmt_callers callers;

	event.created = created;
	event.clock = pmt_clock_cpu(&session->log.clock, ticks) / 1000;
	event.address = address;
	event.live = known->live;
	event.type = &known->column;
	find_place(session->options, tstate, created, &callers, &event);
	event.rss = pmt_sampler_rss(session->log.sampler, ticks,
				    is_sample(session->options) ? NULL
								: tstate);
	event.d_rss = rss_change(session, event.rss);
	if (pmt_unlikely((columns & ~PMT_WITH_OWN) != 0)) {
		event.thread = tstate == NULL
			? 0 : (int64_t)tstate->native_thread_id;
		event.wall = pmt_clock_wall(&session->log.clock, ticks) / 1000;
	}
	event.size = size;
	pmt_recorder_reference(session->log.file.log, &event);
	probes_rss(event.rss);
	probes_object(&event);
	if (pmt_tracelog_after_row(&session->log, ticks))
		pmt_interval_resume();
	pmt_sampler_resume(session->log.sampler);
}

static void
count_destroyed(struct ref_session *session, struct known_type *known,
		uintptr_t address)
{
	if (pmt_liveset_remove(&session->members, address)) {
		if (known->live > 0)
			known->live--;
		session->live--;
	}
}

static void
log_destroyed(struct ref_session *session, struct known_type *known,
	      uintptr_t address, PyThreadState *tstate)
{
	count_destroyed(session, known, address);
	session->destroyed++;
	write_row(session, false, address, 0, known, tstate);
}

/* Others may want more objects than this session, or a type that dies. */
static bool
is_chosen(const struct ref_session *session, uintptr_t address)
{
	return pmt_likely(!is_sample(session->options)) ||
	       pmt_is_chosen(address, pmt_chosen_key(),
			     session->options->bound);
}

/* All that is sure of an object that is just being made. */
static size_t
bare_size(const struct known_type *known)
{
	return known->pre_header + (size_t)known->type->tp_basicsize;
}

void
ref_session_created(struct ref_session *session, PyObject *object,
		    PyThreadState *tstate)
{
	PyTypeObject *type = Py_TYPE(object);
	struct known_type *known = type_cache_get(&session->types, type);
	uintptr_t address = (uintptr_t)object;
	uint64_t size = 0;
	int had;

	if (!is_chosen(session, address))
		return;
	if (known == NULL || !known->wanted || !ref_session_has_log(session))
		return;
	had = pmt_liveset_add(&session->members, address);
	/* Made again where one was alive: that one went unseen. */
	if (pmt_unlikely(had == 1)) {
		session->unseen++;
		log_destroyed(session, known, address, tstate);
		had = pmt_liveset_add(&session->members, address);
	}
	if (pmt_likely(had == 0)) {
		known->live++;
		session->live++;
	}
	if (known->parks && session->parkable.root != NULL)
		pmt_ignore(pmt_liveset_add(&session->parkable, address));
	if (known->measure != NULL && session->resizable.root != NULL)
		pmt_ignore(pmt_liveset_add(&session->resizable, address));
	session->created++;
	if (session->options->columns & PMT_WITH_SIZE)
		size = ref_session_asks_allocator(session)
			       ? objectalloc_size(object) : bare_size(known);
	write_row(session, true, address, size, known, tstate);
}

void
ref_session_destroyed(struct ref_session *session, PyTypeObject *type,
		      uintptr_t address, PyThreadState *tstate)
{
	struct known_type *known = type_cache_get(&session->types, type);

	if (!is_chosen(session, address))
		return;
	if (known == NULL || !known->wanted || !ref_session_has_log(session))
		return;
	log_destroyed(session, known, address, tstate);
}

void
ref_session_forget(struct ref_session *session, uintptr_t address,
		   PyTypeObject *type)
{
	struct known_type *known = type_cache_find(&session->types, type);

	if (known != NULL)
		count_destroyed(session, known, address);
}

/*
 * The type of an object that was at ADDRESS; DEAD is its memory.  The float
 * free list keeps its links where the type was (floatobject.c).
 */
static struct known_type *
type_of_dead(struct ref_session *session, uintptr_t address,
	     const PyObject *dead)
{
	struct known_type *known = type_cache_find(&session->types,
						   dead->ob_type);

	if (known == NULL && session->parkable.root != NULL &&
	    pmt_liveset_has(&session->parkable, address))
		known = type_cache_find(&session->types, &PyFloat_Type);
	return known;
}

void
ref_session_freed(struct ref_session *session, uintptr_t address,
		  const void *content, bool quietly)
{
	if (session->members.root == NULL || session->log.file.inherited ||
	    pmt_likely(!pmt_liveset_has_near(&session->members, address)))
		return;
	/* Objects begin 0, 16 or 32 bytes into their block. */
	for (unsigned int header = 0; header <= 32; header += 16) {
		struct known_type *known;
		uintptr_t object = address + header;

		if (!pmt_liveset_has(&session->members, object))
			continue;
		known = type_of_dead(session, object,
				     (const void *)((const char *)content +
						    header));
		if (known == NULL || known->pre_header != header)
			continue;
		session->unseen++;
		if (quietly || session->log.file.log == NULL)
			count_destroyed(session, known, object);
		else
			log_destroyed(session, known, object,
				      PyThreadState_GetUnchecked());
		return;
	}
}

struct sweep {
	struct ref_session *session;
	PyThreadState *tstate;
};

static void
sweep_one(uintptr_t address, void *arg)
{
	struct sweep *sweep = arg;
	struct ref_session *session = sweep->session;
	struct known_type *known;

	if (!pmt_liveset_has(&session->members, address) ||
	    Py_REFCNT((PyObject *)address) != 0)
		return;
	known = type_of_dead(session, address, (const PyObject *)address);
	if (known == NULL || !known->parks)
		return;
	session->unseen++;
	log_destroyed(session, known, address, sweep->tstate);
}

void
ref_session_sweep(struct ref_session *session, PyThreadState *tstate)
{
	struct sweep sweep = { session, tstate };

	if (session->parkable.root != NULL && session->log.file.log != NULL)
		pmt_liveset_visit(&session->parkable, sweep_one, &sweep);
}

struct measuring {
	struct ref_session *session;
	struct pmt_sizes sizes;
};

static void
tell_sizes(struct measuring *measuring)
{
	struct ref_session *session = measuring->session;

	events_lock();
	if (measuring->sizes.length > 0)
		pmt_tracelog_message(&session->log, measuring->sizes.text,
				     measuring->sizes.length);
	events_unlock();
	measuring->sizes.length = 0;
	measuring->sizes.address = 0;
}

static void
measure_one(uintptr_t address, void *arg)
{
	struct measuring *measuring = arg;
	struct ref_session *session = measuring->session;
	PyObject *object = (PyObject *)address;
	const struct known_type *known;
	size_t size;

	if (!pmt_liveset_has(&session->members, address)) {
		pmt_liveset_remove(&session->resizable, address);
		return;
	}
	known = type_cache_find(&session->types, Py_TYPE(object));
	if (known == NULL || known->measure == NULL || Py_REFCNT(object) <= 0)
		return;
	size = measure_object(object, known->measure);
	/* Most never had an item; but what was told once may have shrunk. */
	if (size == 0 || (!session->measured &&
			  size == (ref_session_asks_allocator(session)
				   ? objectalloc_basic_size(object)
				   : bare_size(known))))
		return;
	if (pmt_sizes_add(&measuring->sizes, address, size))
		return;
	tell_sizes(measuring);
	pmt_sizes_add(&measuring->sizes, address, size);
}

void
ref_session_measure(struct ref_session *session)
{
	struct measuring measuring = { .session = session };

	if (session->resizable.root == NULL || session->log.file.log == NULL ||
	    PyInterpreterState_Next(PyInterpreterState_Head()) != NULL)
		return;
	pmt_liveset_visit(&session->resizable, measure_one, &measuring);
	tell_sizes(&measuring);
	session->measured = true;
}
