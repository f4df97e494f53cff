/* SPDX-License-Identifier: MIT */
/* Whatever a report or a snapshot says, --compare has sound JSON of it. */
/* Needs src/analyse/summaries.c src/analyse/traced.c */
/* Needs src/analyse/jsonvalues.c src/cli/begin.c src/cli/cli.c */
#include <config.h>

#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analyse/summaries.h"
#include "analyse/traced.h"
#include "inputfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* JSON has neither infinity nor what is no number. */
static void
check_numbers(const json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
		if (json_is_number(value) &&
		    !isfinite(json_number_value(value)))
			abort();
}

static void
check(const json_t *list, const char *parts)
{
	const json_t *part;
	char *text;
	size_t i;

	if (json_array_size(list) != 1)
		abort();
	json_array_foreach(json_object_get(json_array_get(list, 0), parts),
			   i, part)
		check_numbers(part);
	text = json_dumps(list, 0);
	if (text == NULL)
		abort();
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *summary = json_array(), *traced = json_array();
	char path[FUZZ_PATH];
	int fd = fuzz_file(data, size, path);

	summary_is(path);
	traced_is(path);
	if (!summary_read(path, summary))
		abort();
	check(summary, "groups");
	traced_read(path, traced);
	check(traced, "files");
	json_decref(summary);
	json_decref(traced);
	close(fd);
	return 0;
}
