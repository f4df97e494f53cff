/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "location.h"

#include <stdlib.h>

#include "codeslot.h"
#include "utf8.h"

static struct pmt_column unknown_file, unknown_function;
static const struct pmt_place unknown_place = {
	&unknown_file, &unknown_function, 0
};

void
location_drop(struct known_code *known)
{
	if (known == NULL || --known->holders > 0)
		return;
	pmt_column_fini(&known->file);
	pmt_column_fini(&known->function);
	free(known);
}

static void
forget_code(void *known)
{
	location_drop(known);
}

int
location_init(void)
{
	static const char file[] = "<UNKNOWN_FILE_NAME>";
	static const char function[] = "<UNKNOWN_FUNCTION_NAME>";

	if (unknown_file.text == NULL &&
	    (pmt_column_init(&unknown_file, file, sizeof(file) - 1,
			     PMT_FILE_WIDTH) < 0 ||
	     pmt_column_init(&unknown_function, function, sizeof(function) - 1,
			     PMT_FUNCTION_WIDTH) < 0)) {
		PyErr_NoMemory();
		return -1;
	}
	return code_slot_init(forget_code);
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
	known->holders = 1;
	if (init_column(&known->file, code->co_filename, PMT_FILE_WIDTH) < 0 ||
	    init_column(&known->function, code->co_name,
			PMT_FUNCTION_WIDTH) < 0 ||
	    code_slot_set(code, known) < 0) {
		location_drop(known);
		return NULL;
	}
	return known;
}

static struct known_code *
known_in(PyInterpreterState *interp, PyCodeObject *code)
{
	struct known_code *known;

	if (pmt_unlikely(!code_slot_is_there(interp)))
		return NULL;
	known = code_slot_get(code);
	return pmt_likely(known != NULL) ? known : learn_code(code);
}

struct known_code *
location_known(PyCodeObject *code)
{
	return known_in(PyThreadState_Get()->interp, code);
}

/*
 * Instructions that the compiler adds have no line: they belong to the code
 * before them.
 */
static int
find_line(PyCodeObject *code, int offset)
{
	int line = -1;

	for (; line < 0 && offset >= 0; offset -= (int)sizeof(uint16_t))
		line = PyCode_Addr2Line(code, offset);
	return line < 0 ? code->co_firstlineno : line;
}

int
location_line(struct known_code *known, PyCodeObject *code, int offset)
{
	Py_ssize_t unit = offset / (int)sizeof(uint16_t);

	if (pmt_unlikely(unit < 0 || unit >= known->units))
		return code->co_firstlineno;
	if (pmt_unlikely(known->lines[unit] == 0))
		known->lines[unit] = find_line(code, offset);
	return known->lines[unit];
}

static void
fill_place(struct known_code *known, PyCodeObject *code, int offset,
	   struct pmt_place *place)
{
	if (pmt_unlikely(known == NULL)) {
		*place = unknown_place;
		return;
	}
	place->file = &known->file;
	place->function = &known->function;
	place->line = location_line(known, code, offset);
}

struct pmt_place
location_of(PyCodeObject *code, int offset)
{
	struct pmt_place place;

	fill_place(location_known(code), code, offset, &place);
	return place;
}

void
location_current(PyThreadState *tstate, struct pmt_place *place)
{
	PyCodeObject *code = NULL;
	int offset;

	if (pmt_likely(tstate != NULL))
		code = compat_current_code(tstate, &offset);
	if (pmt_unlikely(code == NULL))
		*place = unknown_place;
	else
		fill_place(known_in(tstate->interp, code), code, offset,
			   place);
}
