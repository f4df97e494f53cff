/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/measure.h"

#include <string.h>

#include "base/common.h"
#include "report/reporttext.h"

static const struct measure measures[] = {
	{ "reference", "groups", "bytes", "alive", "alive at the end" },
	{ "profile", "functions", "net", NULL, "RSS grown by its own code" },
	{ "heap", "types", "bytes", "objects", "in the heap" },
	{ "summary", "groups", "bytes", "alive", "alive at the end" },
	{ "snapshot", "files", "bytes", "blocks", "traced by tracemalloc" },
	{ "allocations", "functions", "left", "blocks", "left at the end" },
};

const struct measure *
measure_of(const json_t *log)
{
	const char *kind = json_string_value(json_object_get(log, "kind"));

	for (size_t i = 0; i < PMT_ARRAY_SIZE(measures); i++)
		if (kind != NULL && strcmp(kind, measures[i].kind) == 0)
			return &measures[i];
	return NULL;
}

const char *
measure_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

const char *
measure_file(const char *path)
{
	return pmt_file_name((struct pmt_text){ path, strlen(path) },
			     false).bytes;
}
