/* SPDX-License-Identifier: MIT */
/*
 * python.h - where do the D scripts hear of Python?
 *
 * From the probes of pmt, which a program started by pmt-run has; they exist
 * on Linux only.  With -D PYTHON_PROBES, and elsewhere, from those of a
 * CPython that was configured --with-dtrace: 3.6 to 3.11, and 3.15.
 * With -D FULL_FILE_PATH names of files are whole.
 */
#if !defined(PMT_PROBES) && !defined(__linux) && !defined(__linux__)
#define PYTHON_PROBES
#endif

#ifdef PYTHON_PROBES
#define FUNCTION_ENTRY	python$target:::function-entry
#define FUNCTION_RETURN	python$target:::function-return
#else
#define FUNCTION_ENTRY	pmt$target:::function-entry
#define FUNCTION_RETURN	pmt$target:::function-return
#endif

#ifdef FULL_FILE_PATH
#define FILE_NAME(address)	copyinstr(address)
#else
#define FILE_NAME(address)	basename(copyinstr(address))
#endif
