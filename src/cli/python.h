/* SPDX-License-Identifier: MIT */
/* python.h - which interpreter runs the program, and with what of ours? */
#ifndef PMT_CLI_PYTHON_H
#define PMT_CLI_PYTHON_H

#include <stdbool.h>

#include "base/common.h"

/*
 * The interpreter for SCRIPT (NULL: there is none): OPTION if given, else
 * $PYTHON, the active virtual environment's, the one that the script's first
 * line names, that of the virtual environment that the program is installed in,
 * or python3.  *why becomes the words for which of them, if WHY is not NULL.
 * The caller frees it; NULL: no memory.
 */
char *cli_python_choose(const char *option, const char *script,
			const char **why);

/* Is this word a Python's name, with or without a directory before it? */
bool cli_python_names(const char *word);

/* Is FILE a Python by its name, or a script whose first line names one? */
bool cli_python_runs(const char *file);

/* Where PATH has the interpreter FILE; the caller frees it.  NULL: nowhere. */
char *cli_python_find(const char *file);

/*
 * The directory of the package pmt: that of the build tree when we stand in
 * one, else the installed one.  The caller frees it; NULL: no memory.
 */
char *cli_python_package(void);

/*
 * The interpreters that the package has an extension for, as a list for a
 * message ("cpython-311, cpython-313").  The caller frees it; NULL: no memory.
 */
char *cli_python_served(const char *package);

/*
 * An interpreter in PATH that the package has an extension for, 3.OLDEST or
 * newer, the newest of them.  The caller frees it; NULL: there is none.
 */
char *cli_python_find_served(const char *package, int oldest);

/*
 * Become an interpreter that calls main() of MODULE, which is of our package,
 * with ARGUMENTS, which end in NULL.  It is isolated: neither the current
 * directory nor the environment tells it where to import from.  Ends the
 * process with a message if it cannot.
 */
void cli_python_become(const char *module, char *const arguments[])
	__attribute__((noreturn));

#endif
