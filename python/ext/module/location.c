/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/location.h"

#include <stdlib.h>

#include "module/utf8.h"

static struct pmt_column unknown_file, unknown_function;
const struct pmt_place location_unknown = {
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

unsigned int location_deaths;

static void
forget_code(void *known)
{
	location_deaths++;
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
	if (whose_init() < 0)
		return -1;
	return code_map_init(forget_code);
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

struct known_code *
location_learn(PyInterpreterState *interp, PyCodeObject *code)
{
	size_t units = (size_t)compat_code_units(code);
	struct known_code *known;

	known = calloc(1, sizeof(*known) + units * sizeof(known->lines[0]));
	if (known == NULL)
		return NULL;
	known->units = units;
	known->holders = 1;
	if (init_column(&known->file, code->co_filename, PMT_FILE_WIDTH) < 0 ||
	    init_column(&known->function, code->co_name,
			PMT_FUNCTION_WIDTH) < 0 ||
	    code_map_put(interp, code, known) < 0) {
		location_drop(known);
		return NULL;
	}
	known->whose = whose_file(&known->file);
	return known;
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
location_learn_line(struct known_code *known, PyCodeObject *code, int offset)
{
	size_t unit = (size_t)offset / sizeof(uint16_t);

	if (unit >= known->units)
		return code->co_firstlineno;
	known->lines[unit] = find_line(code, offset);
	return known->lines[unit];
}
