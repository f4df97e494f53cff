/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "module/probes.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

PMT_PROBE_DEFINE(function__entry);
PMT_PROBE_DEFINE(function__return);
PMT_PROBE_DEFINE(rss__change);
PMT_PROBE_DEFINE(object__new);
PMT_PROBE_DEFINE(object__del);

/* Tracers of the kernel read no more of a string than this. */
struct text {
	char bytes[512];
};

static const char *
bare(struct text *text, const struct pmt_column *column)
{
	size_t length = pmt_column_bare(column);

	if (length > sizeof(text->bytes) - 1)
		length = sizeof(text->bytes) - 1;
	memcpy(text->bytes, column->text + 1, length);
	text->bytes[length] = '\0';
	return text->bytes;
}

PMT_COLD void
probes_tell_function(bool entry, const struct pmt_place *place)
{
	struct text file, function;

	bare(&file, place->file);
	bare(&function, place->function);
	if (entry)
		PMT_PROBE3(function__entry, file.bytes, function.bytes,
			   place->line);
	else
		PMT_PROBE3(function__return, file.bytes, function.bytes,
			   place->line);
}

PMT_COLD void
probes_tell_rss(uint64_t rss)
{
	static uint64_t told;	/* 0: nothing yet */
	int64_t change = told == 0 ? 0 : (int64_t)(rss - told);

	if (rss != told)
		PMT_PROBE2(rss__change, rss, change);
	told = rss;
}

PMT_COLD void
probes_tell_object(const struct pmt_reference_event *event)
{
	struct text type, file, function;

	bare(&type, event->type);
	if (!event->created) {
		PMT_PROBE2(object__del, event->address, type.bytes);
		return;
	}
	bare(&file, event->place.file);
	bare(&function, event->place.function);
	PMT_PROBE6(object__new, event->address, type.bytes, event->size,
		   file.bytes, function.bytes, event->place.line);
}

const char probes_probe_heard_doc[] =
"_probe_heard(name: str) -> bool | None\n\n"
"Does bpftrace or dtrace listen to that probe of the provider pmt?  None:\n"
"there is no such probe, or this build has none at all.";

#ifdef HAVE_SYS_SDT_H
#define OWN(name) { #name, &pmt_##name##_semaphore }

static volatile unsigned short *
find_semaphore(const char *name)
{
	static const struct {
		const char *name;
		volatile unsigned short *semaphore;
	} own[] = {
		OWN(function__entry), OWN(function__return), OWN(rss__change),
		OWN(object__new), OWN(object__del),
	};
	char symbol[64];

	for (size_t i = 0; i < PMT_ARRAY_SIZE(own); i++)
		if (strcmp(own[i].name, name) == 0)
			return own[i].semaphore;
	snprintf(symbol, sizeof(symbol), "pmt_%s_semaphore", name);
	return dlsym(RTLD_DEFAULT, symbol);
}
#else
static volatile unsigned short *
find_semaphore(const char *name)
{
	(void)name;
	return NULL;
}
#endif

PyObject *
probes_probe_heard(PyObject *module, PyObject *name)
{
	const char *text = PyUnicode_AsUTF8(name);
	volatile unsigned short *semaphore;

	(void)module;
	if (text == NULL)
		return NULL;
	semaphore = find_semaphore(text);
	if (semaphore == NULL)
		Py_RETURN_NONE;
	return PyBool_FromLong(*semaphore != 0);
}
