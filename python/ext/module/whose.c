/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/whose.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "base/common.h"
#include "base/text.h"
#include "module/compat.h"
#include "module/utf8.h"

/* Directories as columns, for names of files are compared escaped. */
static struct pmt_column standard, ours;

/* Code from a string is the program's under python -c, and only there. */
static bool is_command;

/* DIRECTORY: that of the file PATH. */
static int
keep_directory(struct pmt_column *directory, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (directory->text != NULL || slash == NULL)
		return 0;
	if (pmt_column_init(directory, path, (size_t)(slash + 1 - path),
			    0) < 0) {
		PyErr_NoMemory();
		return -1;
	}
	return 0;
}

static int
find_standard_library(void)
{
	PyObject *os = PyImport_ImportModule("os");
	PyObject *file = os == NULL ? NULL
				    : PyObject_GetAttrString(os, "__file__");
	char *path = NULL;
	size_t size;
	int err = 0;

	Py_XDECREF(os);
	if (file != NULL && PyUnicode_Check(file))
		path = utf8_from_str(file, &size);
	else
		PyErr_Clear();
	Py_XDECREF(file);
	if (path != NULL)
		err = keep_directory(&standard, path);
	free(path);
	return err;
}

static void
look_for_command(void)
{
	PyObject *argv = PySys_GetObject("argv"), *first;

	if (argv == NULL || !PyList_Check(argv) || PyList_GET_SIZE(argv) == 0)
		return;
	first = PyList_GET_ITEM(argv, 0);
	is_command = PyUnicode_Check(first) &&
		     PyUnicode_CompareWithASCIIString(first, "-c") == 0;
}

int
whose_init(void)
{
	Dl_info info;

	look_for_command();
	if (dladdr(&is_command, &info) != 0 && info.dli_fname != NULL &&
	    keep_directory(&ours, info.dli_fname) < 0)
		return -1;
	return find_standard_library();
}

static bool
has(struct pmt_text name, const char *part)
{
	return memmem(name.bytes, name.length, part, strlen(part)) != NULL;
}

static bool
begins(struct pmt_text name, const char *part)
{
	size_t length = strlen(part);

	return name.length >= length && memcmp(name.bytes, part, length) == 0;
}

static bool
is_below(struct pmt_text name, const struct pmt_column *directory)
{
	size_t length;

	if (directory->text == NULL)
		return false;
	length = pmt_column_bare(directory);
	return name.length > length &&
	       memcmp(name.bytes, directory->text + 1, length) == 0;
}

/* What was compiled from no file. */
static enum whose
whose_nameless(struct pmt_text name)
{
	static const char *const typed[] = {
		"<stdin>", "<console>", "<python-input", "<ipython-input",
		"<doctest",
	};

	if (begins(name, "<frozen\\040importlib"))
		return WHOSE_IMPORT;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(typed); i++)
		if (begins(name, typed[i]))
			return WHOSE_OWN;
	return is_command && begins(name, "<string>") ? WHOSE_OWN
						      : WHOSE_LIBRARY;
}

enum whose
whose_file(const struct pmt_column *file)
{
	struct pmt_text name = { file->text + 1, pmt_column_bare(file) };

	if (begins(name, "<"))
		return whose_nameless(name);
	if (is_below(name, &ours))
		return WHOSE_PMT;
	if (is_below(name, &standard) ||
	    has(name, "/site-packages/") || has(name, "/dist-packages/"))
		return WHOSE_LIBRARY;
	return WHOSE_OWN;
}
