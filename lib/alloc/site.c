/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/site.h"

#include <stdbool.h>

#include "alloc/python.h"

PMT_PROBE_DEFINE(malloc__site);
PMT_PROBE_DEFINE(free__site);

/* Where Python is; "-" where it is not.  Under the lock of event.h. */
static struct {
	char file[512], function[256];
	int line;
} site;

/* The innermost frame of Python code, or NULL. */
static const char *
find_frame(void)
{
	const char *frame = pmt_python.code_type == NULL ? NULL
							 : pmt_python_frame();

	while (frame != NULL && (pmt_frame_is_c(frame) ||
				 !pmt_is_code(pmt_frame_code(frame))))
		frame = pmt_frame_caller(frame);
	return frame;
}

static void
find_site(void)
{
	const char *frame = find_frame();
	const char *code = frame == NULL ? NULL : pmt_frame_code(frame);
	size_t file = 1, function = 1;

	site.file[0] = site.function[0] = '-';
	site.line = 0;
	if (code != NULL) {
		file = pmt_code_file(code, site.file, sizeof(site.file) - 1);
		function = pmt_code_name(code, site.function,
					 sizeof(site.function) - 1);
		site.line = (int)pmt_code_line(code, pmt_frame_key(frame));
	}
	site.file[file] = '\0';
	site.function[function] = '\0';
}

PMT_COLD void
pmt_site_block(const void *address, size_t size)
{
	find_site();
	PMT_PROBE5(malloc__site, address, size, site.file, site.function,
		   site.line);
}

PMT_COLD void
pmt_site_free(const void *address)
{
	find_site();
	PMT_PROBE4(free__site, address, site.file, site.function, site.line);
}
