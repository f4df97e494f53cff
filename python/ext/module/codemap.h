/* SPDX-License-Identifier: MIT */
/* codemap.h - what do we keep of a code object, as long as it lives? */
#ifndef PMT_CODEMAP_H
#define PMT_CODEMAP_H

#include "base/common.h"
#include "base/pointermap.h"
#include "module/compat.h"

/*
 * One pointer for each code object, by its address, in a table of ours.  The
 * extra slots of code objects (PEP 523) are left to others: who sets one makes
 * CPython call the free functions of all tools for that code object.
 *
 * One map is for code that runs under the main interpreter's GIL, and guarded
 * by that, or the event lock (threads.h) where there is none.  The other is
 * for interpreters with a GIL of their own, and guarded by the event lock.
 */
struct code_maps {
	PyInterpreterState *main;
	struct pmt_pointermap of_main, of_others;
};
extern PMT_HIDDEN struct code_maps code_maps;

/*
 * Once for the process.  DROP gets what is kept of a code object when that
 * dies.  Returns 0, or -1 with a Python exception set.
 */
int code_map_init(void (*drop)(void *));

static inline struct pmt_pointermap *
code_map_of(PyInterpreterState *interp)
{
	return pmt_likely(compat_has_gil_of(interp, code_maps.main))
		       ? &code_maps.of_main : &code_maps.of_others;
}

/* What is kept of CODE, which INTERP runs, or NULL. */
static inline void *
code_map_get(PyInterpreterState *interp, PyCodeObject *code)
{
	return pmt_pointermap_get(code_map_of(interp), code);
}

/*
 * Keep VALUE of CODE, of which nothing was kept.  Returns 0, or -1 where that
 * cannot be done; sets no exception.  INTERP is the one that calls.
 */
int code_map_put(PyInterpreterState *interp, PyCodeObject *code, void *value);

#endif
