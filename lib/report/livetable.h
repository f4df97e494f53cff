/* SPDX-License-Identifier: MIT */
/* livetable.h - what is alive in a process, for whoever looks at it now? */
#ifndef PMT_LIVETABLE_H
#define PMT_LIVETABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/common.h"
#include "books/leaks.h"
#include "log/logfd.h"
#include "log/memory.h"
#include "log/sites.h"

/*
 * The counts of each site, in memory that others can map (memfd_create(2)): a
 * reader asks for nothing and stops nobody.  It finds the memory among the
 * descriptors of the process, by this name, and may open it if it may trace the
 * process.  Nobody can cut it, so that no access fails.
 */
#define PMT_LIVETABLE_NAME "pmt-live"
#define PMT_LIVETABLE_MAGIC "pmt live 1"

struct pmt_livetable_row {
	_Atomic uint64_t made, live;	/* objects */
	_Atomic int64_t bytes;		/* of the live ones */
	struct pmt_site site;		/* its names count from 0 */
};

/* What the tracer noted last of the memory of the process. */
struct pmt_livetable_memory {
	_Atomic uint32_t changes;	/* odd: it is being written */
	int64_t clock;			/* of the tracer, nanoseconds */
	struct pmt_memory memory;
};

enum { PMT_LIVETABLE_ROWS = 1 << 16, PMT_LIVETABLE_NAMES = 1 << 24 };

/*
 * The memory.  The first rows stand there complete, but for their counts, which
 * go on changing.  Names stand one after the other: four bytes of length, the
 * text.  Whoever reads believes none of the numbers.
 */
struct pmt_livetable {
	char magic[16];
	int32_t pid;		/* a forked child has a table of its own */
	uint32_t with_sizes;
	_Atomic uint64_t row_count, name_count, name_bytes;
	_Atomic uint64_t left_out;	/* sites that found no room */
	_Atomic uint64_t books;		/* bytes of all that is kept for it */
	struct pmt_livetable_memory noted;
	struct pmt_livetable_row rows[PMT_LIVETABLE_ROWS];
	char names[PMT_LIVETABLE_NAMES];
};

/* One that is written.  Zeroed memory is none. */
struct pmt_livetable_writer {
	struct pmt_livetable *table;	/* NULL: there is none */
	struct pmt_logfd file;
};

/* Make one of this process.  Returns 0 or -errno; then there is none. */
int pmt_livetable_make(struct pmt_livetable_writer *writer,
		       bool with_sizes) PMT_MUST_CHECK;

/* No more of it.  In a forked child the parent's goes on. */
void pmt_livetable_end(struct pmt_livetable_writer *writer);

/* So many bytes of it are in memory. */
size_t pmt_livetable_memory(const struct pmt_livetable_writer *writer);

/* SITE, a new one too, has changed in LEAKS. */
void pmt_livetable_set(struct pmt_livetable_writer *writer, uint32_t site,
		       const struct pmt_leaks *leaks,
		       const struct pmt_sites *sites);

/* All have, and what was noted of memory. */
void pmt_livetable_set_all(struct pmt_livetable_writer *writer,
			   const struct pmt_leaks *leaks,
			   const struct pmt_sites *sites);

/*
 * Map the table of PID to look at.  Returns 0 or -errno: -ESRCH, there is no
 * such process; -ENOENT, it has no table, or one of another version of pmt;
 * -EACCES, it is not for us.
 */
int pmt_livetable_open(pid_t pid,
		       const struct pmt_livetable **table) PMT_MUST_CHECK;
void pmt_livetable_close(const struct pmt_livetable *table);

/* What was noted of memory last; false: nothing yet. */
bool pmt_livetable_noted(const struct pmt_livetable *table, int64_t *clock,
			 struct pmt_memory *memory);

#endif
