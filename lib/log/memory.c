/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const moments[] = {
	[PMT_MOMENT_START] = "Memory at start: ",
	[PMT_MOMENT_GROWTH] = "Memory at growth: ",
	[PMT_MOMENT_EXIT] = "Memory at exit: ",
	[PMT_MOMENT_ATEXIT] = "Memory before atexit: ",
	[PMT_MOMENT_END] = "Memory at end: ",
};

static const struct {
	const char *name;
	size_t offset;
} keys[] = {
	{ "rss", offsetof(struct pmt_memory, rss) },
	{ "anon", offsetof(struct pmt_memory, anonymous) },
	{ "file", offsetof(struct pmt_memory, file) },
	{ "shared", offsetof(struct pmt_memory, shared) },
	{ "peak", offsetof(struct pmt_memory, peak_rss) },
	{ "pss", offsetof(struct pmt_memory, pss) },
	{ "private", offsetof(struct pmt_memory, private) },
	{ "inherited", offsetof(struct pmt_memory, inherited) },
	{ "python", offsetof(struct pmt_memory, python_used) },
	{ "python_free", offsetof(struct pmt_memory, python_free) },
	{ "malloc", offsetof(struct pmt_memory, c_used) },
	{ "malloc_mapped", offsetof(struct pmt_memory, c_mapped) },
	{ "malloc_free", offsetof(struct pmt_memory, c_free) },
};

static uint64_t *
number(struct pmt_memory *memory, size_t key)
{
	return (uint64_t *)(void *)((char *)memory + keys[key].offset);
}

void
pmt_memory_init(struct pmt_memory *memory)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(keys); i++)
		*number(memory, i) = PMT_MEMORY_UNKNOWN;
	memory->allocator[0] = '\0';
}

int
pmt_memory_format(const struct pmt_memory *memory, enum pmt_moment moment,
		  char *text, size_t size)
{
	struct pmt_memory copy = *memory;
	char line[512];
	int n = snprintf(line, sizeof(line), "%s", moments[moment]);

	for (size_t i = 0; i < PMT_ARRAY_SIZE(keys); i++) {
		uint64_t value = *number(&copy, i);

		if (value != PMT_MEMORY_UNKNOWN)
			n += sprintf(line + n, "%s=%" PRIu64 " ", keys[i].name,
				     value);
	}
	if (copy.allocator[0] != '\0')
		n += sprintf(line + n, "allocator=%s ", copy.allocator);
	line[n - 1] = '\0';
	return snprintf(text, size, "%s", line);
}

static void
set(struct pmt_memory *memory, const char *word, const char *value)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(keys); i++) {
		if (strcmp(word, keys[i].name) == 0)
			*number(memory, i) = strtoull(value, NULL, 10);
	}
	if (strcmp(word, "allocator") == 0)
		snprintf(memory->allocator, sizeof(memory->allocator), "%s",
			 value);
}

bool
pmt_memory_parse(struct pmt_text text, struct pmt_memory *memory,
		 enum pmt_moment *moment)
{
	char line[512], *word, *value, *rest;
	size_t i = 0;

	while (i < PMT_ARRAY_SIZE(moments) &&
	       (text.length < strlen(moments[i]) ||
		memcmp(text.bytes, moments[i], strlen(moments[i])) != 0))
		i++;
	if (i == PMT_ARRAY_SIZE(moments) || text.length >= sizeof(line))
		return false;
	snprintf(line, sizeof(line), "%.*s", (int)text.length, text.bytes);
	pmt_memory_init(memory);
	rest = line + strlen(moments[i]);
	while ((word = strtok_r(NULL, " ", &rest)) != NULL) {
		value = strchr(word, '=');
		if (value == NULL)
			return false;
		*value++ = '\0';
		set(memory, word, value);
	}
	*moment = (enum pmt_moment)i;
	return memory->rss != PMT_MEMORY_UNKNOWN;
}
