/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/logname.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int
pmt_logname_make(const struct pmt_logname *name, const char *directory,
		 char *path, size_t size)
{
	static const char *const endings[] = {
		[PMT_ENCODING_TEXT] = "log",
		[PMT_ENCODING_COMPACT] = "pmt",
		[PMT_ENCODING_SUMMARY] = "txt",
		[PMT_ENCODING_NONE] = "none",
		[PMT_ENCODING_BOOKS] = "books",
	};
	/* The one counter of the process that the format asks for. */
	static atomic_uint ordinal;
	time_t now = time(NULL);
	struct tm utc;
	char stamp[32], thread[24] = "";
	int n;

	gmtime_r(&now, &utc);
	strftime(stamp, sizeof(stamp), "%Y%m%d_%H%M%S", &utc);
	if (name->thread)
		snprintf(thread, sizeof(thread), "_%ld", syscall(SYS_gettid));
	n = snprintf(path, size, "%s/%s_%u_%jd%s_%c_%u_PY%s.%s", directory,
		     stamp, atomic_fetch_add(&ordinal, 1), (intmax_t)getpid(),
		     thread, name->kind, name->depth, name->version,
		     endings[name->encoding]);
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}
