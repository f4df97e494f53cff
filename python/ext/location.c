/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "location.h"

#include <stdlib.h>

#include "utf8.h"

/* What the extra slot of a code object holds. */
struct known_code {
	struct pmt_column file;
	struct pmt_column function;
	Py_ssize_t units;	/* instructions of the code object */
	int lines[];		/* line of each, 0: not asked for yet */
};

/* The index that CPython gave us; constant once it is not -1. */
static Py_ssize_t slot = -1;

static struct pmt_column unknown_file, unknown_function;

static void
free_known_code(void *extra)
{
	struct known_code *known = extra;

	pmt_column_fini(&known->file);
	pmt_column_fini(&known->function);
	free(known);
}

int
location_init(void)
{
	static const char file[] = "<UNKNOWN_FILE_NAME>";
	static const char function[] = "<UNKNOWN_FUNCTION_NAME>";

	if (slot != -1)
		return 0;
	if (pmt_column_init(&unknown_file, file, sizeof(file) - 1,
			    PMT_FILE_WIDTH) < 0 ||
	    pmt_column_init(&unknown_function, function, sizeof(function) - 1,
			    PMT_FUNCTION_WIDTH) < 0) {
		PyErr_NoMemory();
		return -1;
	}
	slot = compat_request_code_slot(free_known_code);
	if (slot == -1) {
		PyErr_SetString(PyExc_RuntimeError,
				"no code object slot is free: other tools "
				"hold all of them");
		return -1;
	}
	return 0;
}

static int
init_column(struct pmt_column *column, PyObject *name, size_t width)
{
	size_t size;
	char *text = utf8_from_str(name, &size);
	int err;

	if (text == NULL)
		return -1;
	err = pmt_column_init(column, text, size, width);
	free(text);
	return err;
}

static struct known_code *
learn_code(PyCodeObject *code)
{
	Py_ssize_t units = compat_code_units(code);
	struct known_code *known;

	known = calloc(1, sizeof(*known) +
			  (size_t)units * sizeof(known->lines[0]));
	if (known == NULL)
		return NULL;
	known->units = units;
	if (init_column(&known->file, code->co_filename, PMT_FILE_WIDTH) < 0 ||
	    init_column(&known->function, code->co_name,
			PMT_FUNCTION_WIDTH) < 0 ||
	    compat_set_code_slot(code, slot, known) < 0) {
		free_known_code(known);
		return NULL;
	}
	return known;
}

struct pmt_place
location_of(PyCodeObject *code, int offset)
{
	struct pmt_place place = { &unknown_file, &unknown_function, 0 };
	struct known_code *known = compat_get_code_slot(code, slot);
	Py_ssize_t unit = offset / (int)sizeof(uint16_t);

	if (pmt_unlikely(known == NULL)) {
		known = learn_code(code);
		if (known == NULL)
			return place;
	}
	place.file = &known->file;
	place.function = &known->function;
	if (pmt_unlikely(unit < 0 || unit >= known->units)) {
		place.line = code->co_firstlineno;
		return place;
	}
	if (pmt_unlikely(known->lines[unit] == 0))
		known->lines[unit] = PyCode_Addr2Line(code, offset);
	place.line = known->lines[unit];
	return place;
}

#if COMPAT_CURRENT_CODE

struct pmt_place
location_current(PyThreadState *tstate)
{
	struct pmt_place place = { &unknown_file, &unknown_function, 0 };
	PyCodeObject *code;
	int offset;

	if (tstate == NULL)
		return place;
	code = compat_current_code(tstate, &offset);
	return code == NULL ? place : location_of(code, offset);
}

#endif
