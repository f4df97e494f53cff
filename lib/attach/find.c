/* SPDX-License-Identifier: MIT */
/* find.c - where is the CPython of a process, and of which version? */
#include <config.h>

#include "attach/attach.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach/image.h"
#include "attach/memory.h"
#include "attach/place.h"

extern const struct pmt_attach_layout __start_pmt_attach_layouts[]
	__attribute__((weak, visibility("hidden")));
extern const struct pmt_attach_layout __stop_pmt_attach_layouts[]
	__attribute__((weak, visibility("hidden")));

/* The 3.9 of "/usr/lib/libpython3.9.so.1.0", as of "/usr/bin/python3.9". */
static int32_t
version_in_name(const char *path)
{
	const char *name = strrchr(path, '/');
	int minor;

	name = name == NULL ? NULL : strstr(name, "python3.");
	if (name == NULL || sscanf(name, "python3.%d", &minor) != 1 ||
	    minor < 0 || minor > 255)
		return 0;
	return 3 << 8 | minor;
}

static void
find_version(struct pmt_attach *attach, const struct pmt_image *image,
	     const char *path)
{
	uint64_t at = pmt_image_find(image, "Py_Version");
	unsigned long version;
	uint64_t head[3];

	attach->version = version_in_name(path);
	if (at != 0 && pmt_memory_read(attach->memory, at, &version,
				       sizeof(version)) == 0)
		attach->version = (int32_t)(version >> 16);
	/* From 3.13 on _PyRuntime begins with cookie, version and this. */
	if (attach->version >= 0x030d &&
	    pmt_memory_read(attach->memory, attach->runtime, head,
			    sizeof(head)) == 0)
		attach->free_threaded = head[2] != 0;
}

static int
choose_layout(struct pmt_attach *attach)
{
	const struct pmt_attach_layout *row;

	for (row = __start_pmt_attach_layouts; row != __stop_pmt_attach_layouts;
	     row++)
		if (row->version == attach->version &&
		    (row->free_threaded != 0) == attach->free_threaded)
			attach->layout = row;
	return attach->layout == NULL ? -ENOTSUP : 0;
}

static int
look_at(struct pmt_attach *attach, uint64_t start, const char *path)
{
	struct pmt_image image;
	int err;

	if (pmt_image_init(&image, attach->memory, start) != 0)
		return -ENOEXEC;
	attach->runtime = pmt_image_find(&image, "_PyRuntime");
	if (attach->runtime == 0)
		return -ENOEXEC;
	find_version(attach, &image, path);
	err = choose_layout(attach);
	if (err != 0)
		return err;
	/* From 3.14 on the latter runs a script that waits. */
	attach->run = pmt_image_find(&image, pmt_attach_is_script(attach)
						     ? "PyErr_CheckSignals"
						     : "PyRun_SimpleString");
	return attach->run == 0 ? -EPROTO : 0;
}

int
pmt_attach_open(struct pmt_attach *attach, pid_t pid)
{
	struct pmt_mapping mapping;
	struct pmt_mappings maps;
	int err;

	*attach = (struct pmt_attach){ .pid = pid };
	attach->memory = pmt_memory_open(pid);
	if (attach->memory < 0)
		return attach->memory;
	err = pmt_mappings_open(&maps, pid);
	if (err == 0) {
		err = -ENOEXEC;
		while (err == -ENOEXEC && pmt_mappings_next(&maps, &mapping))
			err = look_at(attach, mapping.start, mapping.path);
		pmt_mappings_close(&maps);
	}
	if (err != 0)
		close(attach->memory);
	return err;
}

void
pmt_attach_close(struct pmt_attach *attach)
{
	close(attach->memory);
}
