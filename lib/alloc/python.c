/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/python.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#include "alloc/lines.h"

struct pmt_python pmt_python;

/* The linker's names for where the rows lie; none: an empty list. */
extern const struct pmt_layout __start_pmt_layouts[] __attribute__((weak))
	PMT_HIDDEN;
extern const struct pmt_layout __stop_pmt_layouts[] __attribute__((weak))
	PMT_HIDDEN;

typedef void (*deallocator)(void *);

/* A function by its name; ISO C has no cast from data to code. */
#define FIND(function, name) \
	(*(void **)&(function) = dlsym(RTLD_DEFAULT, (name)))

const char *
pmt_python_version(void)
{
	const char *(*version)(void);

	FIND(version, "Py_GetVersion");
	return version == NULL ? NULL : version();
}

/* "3.13.0 ..." as 0x030d */
static int
version_number(const char *text)
{
	int major = 0, minor = 0;

	while (*text >= '0' && *text <= '9')
		major = 10 * major + *text++ - '0';
	if (*text == '.')
		text++;
	while (*text >= '0' && *text <= '9')
		minor = 10 * minor + *text++ - '0';
	return major << 8 | minor;
}

static const struct pmt_layout *
row_of(int version)
{
	for (const struct pmt_layout *row = __start_pmt_layouts;
	     row != __stop_pmt_layouts; row++)
		if (row->version == version)
			return row;
	return NULL;
}

/* Was the row made from the headers of an interpreter like this one? */
static bool
agrees(const struct pmt_layout *row, const char *code_type)
{
	const char *runtime = dlsym(RTLD_DEFAULT, "_PyRuntime");

	/* Builds that trace references, or are otherwise unusual. */
	if (PMT_AT(intptr_t, code_type, row->type_basicsize) != row->code_size)
		return false;
	if (row->checks[0].where == 0)
		return true;
	if (runtime == NULL || memcmp(runtime, "xdebugpy", 8) != 0)
		return false;
	for (int i = 0; i < PMT_LAYOUT_CHECKS; i++)
		if (row->checks[i].where != 0 &&
		    PMT_AT(uint64_t, runtime, row->checks[i].where) !=
			    (uint64_t)row->checks[i].value)
			return false;
	return true;
}

const char *
pmt_python_find(void)
{
	int version = version_number(pmt_python_version());
	const struct pmt_layout *row = row_of(version);
	void *code_type = dlsym(RTLD_DEFAULT, "PyCode_Type");

	if (row == NULL)
		return "no names of Python: pmt was built without this version";
	if (code_type == NULL || !agrees(row, code_type))
		return "no names of Python: this build of it is unlike the one "
		       "that pmt was built for";
	pmt_python.layout = *row;
	FIND(pmt_python.own, "PyGILState_GetThisThreadState");
	/* Before 3.12 it is the state of whatever thread has the GIL. */
	if (version >= 0x030d)
		FIND(pmt_python.attached, "PyThreadState_GetUnchecked");
	else if (version == 0x030c)
		FIND(pmt_python.attached, "_PyThreadState_UncheckedGet");
	pmt_python.code_type = code_type;
	return NULL;
}

void (*pmt_python_watch_code(void (*function)(void *)))(void *)
{
	deallocator *slot = &PMT_AT(deallocator, pmt_python.code_type,
				    pmt_python.layout.type_dealloc);
	deallocator before = *slot;

	*slot = function;
	return before;
}

static size_t
put_utf8(char *p, uint32_t c)
{
	if (c < 0x80) {
		p[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (char)(0xc0 | c >> 6);
		p[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (char)(0xe0 | c >> 12);
		p[1] = (char)(0x80 | (c >> 6 & 63));
		p[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	p[0] = (char)(0xf0 | c >> 18);
	p[1] = (char)(0x80 | (c >> 12 & 63));
	p[2] = (char)(0x80 | (c >> 6 & 63));
	p[3] = (char)(0x80 | (c & 63));
	return 4;
}

/* A str as it lies in memory: state has its kind, compact and ascii. */
static size_t
copy_text(const char *object, char *text, size_t size)
{
	const struct pmt_layout *layout = &pmt_python.layout;
	uint32_t state = PMT_AT(uint32_t, object, layout->text_state);
	intptr_t length = PMT_AT(intptr_t, object, layout->text_length);
	unsigned int width = state >> 2 & 7;
	const char *data = object + (state >> 6 & 1 ? layout->text_ascii
						    : layout->text_compact);
	size_t done = 0;

	if ((state >> 5 & 1) == 0)
		return 0;
	for (intptr_t i = 0; i < length && done + 4 <= size; i++) {
		uint32_t c = width == 1 ? ((const uint8_t *)data)[i]
			     : width == 2 ? ((const uint16_t *)data)[i]
					  : ((const uint32_t *)data)[i];

		if (c >= 0xd800 && c < 0xe000)
			c = '?';
		done += put_utf8(text + done, c);
	}
	return done;
}

size_t
pmt_code_file(const char *code, char *text, size_t size)
{
	return copy_text(PMT_AT(char *, code, pmt_python.layout.code_file),
			 text, size);
}

size_t
pmt_code_name(const char *code, char *text, size_t size)
{
	return copy_text(PMT_AT(char *, code, pmt_python.layout.code_name),
			 text, size);
}

uint32_t
pmt_code_first_line(const char *code)
{
	return (uint32_t)PMT_AT(int, code, pmt_python.layout.code_first_line);
}

uint32_t
pmt_code_line(const char *code, uint64_t key)
{
	const struct pmt_layout *layout = &pmt_python.layout;
	const char *table = PMT_AT(char *, code, layout->code_lines);
	intptr_t size = PMT_AT(intptr_t, table, layout->bytes_size);
	int64_t offset;

	if (layout->frame_owner >= 0)
		offset = (int64_t)(key - (uint64_t)(uintptr_t)code) -
			 layout->code_instructions;
	else
		offset = ((int64_t)(key - ((uint64_t)(uintptr_t)code << 16)) -
			  1) * layout->instruction_size;
	return pmt_line_at(layout->lines, pmt_code_first_line(code),
			   (const uint8_t *)table + layout->bytes_data,
			   size < 0 ? 0 : (size_t)size,
			   offset < 0 ? 0 : (uint64_t)offset);
}
