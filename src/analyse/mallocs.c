/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/mallocs.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pointermap.h"
#include "cli/begin.h"
#include "cli/cli.h"

static const char begin[] = "dtrace:::BEGIN", end[] = "dtrace:::END";

bool
mallocs_is(const char *path)
{
	char room[64];
	const char *text = cli_begin(path, room, sizeof(room)).bytes;

	return strncmp(text + strspn(text, " \n"), begin,
		       sizeof(begin) - 1) == 0;
}

/* The product of the numbers before ")": malloc(n), calloc(n, m). */
static bool
parse_size(const char *text, uint64_t *size)
{
	*size = 1;
	do {
		char *rest;
		uint64_t number;

		if (!isdigit((unsigned char)text[strspn(text, " ")]))
			return false;
		number = strtoull(text, &rest, 10);
		if (__builtin_mul_overflow(*size, number, size))
			return false;
		text = rest;
	} while (*text++ == ',');
	return text[-1] == ')';
}

static bool
ends_with(const char *word, size_t length, const char *ending)
{
	size_t n = strlen(ending);

	return length >= n && strncasecmp(word + length - n, ending, n) == 0;
}

/* "malloc(48) pntr 0x5581 @9", "free(0x5581)" */
static bool
parse_call(const char *word, struct mallocs_row *row)
{
	const char *open = strchr(word, '('), *close, *address, *time;

	if (open == NULL)
		return false;
	close = strchr(open, ')');
	if (close == NULL)
		return false;
	address = strstr(open, "0x");
	row->frees = ends_with(word, (size_t)(open - word), "free");
	if (!row->frees &&
	    ((!ends_with(word, (size_t)(open - word), "malloc") &&
	      !ends_with(word, (size_t)(open - word), "calloc")) ||
	     !parse_size(open + 1, &row->size) || address == NULL))
		return false;
	if (address == NULL && strncmp(open, "(0)", 3) != 0)
		return false;
	row->address = address == NULL ? 0 : strtoull(address, NULL, 16);
	time = strrchr(close, '@');
	row->time = time == NULL ? 0 : strtoull(time + 1, NULL, 10);
	return true;
}

/* " 11672  file.py:48   -> function malloc(...", which LINE becomes. */
static bool
parse_row(char *line, struct mallocs_row *row)
{
	char *arrow = strstr(line, " -> "), *open, *word, *colon, *file;

	if (arrow == NULL)
		return false;
	open = strchr(arrow, '(');
	if (open == NULL)
		return false;
	for (word = open; word > arrow + 4 && word[-1] != ' '; word--)
		continue;
	if (word == arrow + 4 || !parse_call(word, row))
		return false;
	word[-1] = *arrow = '\0';
	colon = strrchr(line, ':');
	file = line + strspn(line, " ");
	file += strspn(file, "0123456789");
	if (colon == NULL || file >= colon)
		return false;
	*colon = '\0';
	row->line = strtoull(colon + 1, NULL, 10);
	file += strspn(file, " ");
	row->file = cli_need(malloc(strlen(file) + strlen(arrow + 4) + 2));
	row->function = stpcpy(row->file, file) + 1;
	strcpy(row->function, arrow + 4);
	return true;
}

static bool
is_call(const char *line)
{
	return strncmp(line, "CALL -> ", 8) == 0 ||
	       strncmp(line, "RTN <- ", 7) == 0;
}

static void
add_line(struct mallocs *mallocs, char *line)
{
	struct mallocs_row row = { .number = mallocs->count };

	line[strcspn(line, "\n")] = '\0';
	if (line[strspn(line, " ")] == '\0' || is_call(line))
		return;
	if (!parse_row(line, &row)) {
		mallocs->failed++;
		return;
	}
	if (mallocs->count == mallocs->room) {
		mallocs->room = 2 * mallocs->room + 1024;
		mallocs->rows = cli_need(reallocarray(mallocs->rows,
			mallocs->room, sizeof(*mallocs->rows)));
	}
	mallocs->rows[mallocs->count++] = row;
}

/* Rows of several CPUs change places; those without a time do not tell. */
static int
by_time(const void *a, const void *b)
{
	const struct mallocs_row *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static int
by_line(const void *a, const void *b)
{
	const struct mallocs_row *x = *(struct mallocs_row *const *)a;
	const struct mallocs_row *y = *(struct mallocs_row *const *)b;
	int order = strcmp(x->file, y->file);

	if (order == 0)
		order = x->line < y->line ? -1 : x->line > y->line;
	return order != 0 ? order : strcmp(x->function, y->function);
}

static void
drop(struct mallocs *mallocs, struct mallocs_row *block)
{
	block->freed = true;
	mallocs->blocks--;
	mallocs->bytes -= block->size;
}

static void
count_malloc(struct mallocs *mallocs, struct pmt_pointermap *map,
	     struct mallocs_row *row)
{
	const void *key = (const void *)(uintptr_t)row->address;
	struct mallocs_row *before;

	mallocs->mallocs++;
	mallocs->allocated += row->size;
	if (row->size > mallocs->largest)
		mallocs->largest = row->size;
	if (row->address == 0)
		return;
	/* Its free went unseen. */
	before = pmt_pointermap_get(map, key);
	if (before != NULL && !before->freed) {
		drop(mallocs, before);
		mallocs->replaced++;
	}
	if (pmt_pointermap_put(map, key, row) < 0)
		cli_need(NULL);
	mallocs->bytes += row->size;
	if (mallocs->bytes > mallocs->most_bytes)
		mallocs->most_bytes = mallocs->bytes;
	if (++mallocs->blocks > mallocs->most_blocks)
		mallocs->most_blocks = mallocs->blocks;
}

static void
count_free(struct mallocs *mallocs, struct pmt_pointermap *map,
	   struct mallocs_row *row)
{
	struct mallocs_row *block;

	if (row->address == 0) {
		mallocs->null_frees++;
		return;
	}
	mallocs->frees++;
	block = pmt_pointermap_get(map, (const void *)(uintptr_t)row->address);
	if (block == NULL) {
		mallocs->unknown_frees++;
	} else if (block->freed) {
		mallocs->twice[mallocs->twice_count++] = row;
	} else {
		mallocs->released += block->size;
		drop(mallocs, block);
	}
}

static void
count_rows(struct mallocs *mallocs)
{
	struct pmt_pointermap map;

	if (mallocs->count > 0)
		qsort(mallocs->rows, mallocs->count, sizeof(*mallocs->rows),
		      by_time);
	mallocs->left = cli_need(calloc(mallocs->count + 1,
					sizeof(*mallocs->left)));
	mallocs->twice = cli_need(calloc(mallocs->count + 1,
					 sizeof(*mallocs->twice)));
	if (pmt_pointermap_init(&map) < 0)
		cli_need(NULL);
	for (size_t i = 0; i < mallocs->count; i++) {
		if (mallocs->rows[i].frees)
			count_free(mallocs, &map, &mallocs->rows[i]);
		else
			count_malloc(mallocs, &map, &mallocs->rows[i]);
	}
	pmt_pointermap_fini(&map);
	for (size_t i = 0; i < mallocs->count; i++) {
		struct mallocs_row *row = &mallocs->rows[i];

		if (!row->frees && !row->freed && row->address != 0)
			mallocs->left[mallocs->left_count++] = row;
	}
	qsort(mallocs->left, mallocs->left_count, sizeof(*mallocs->left),
	      by_line);
}

bool
mallocs_read(struct mallocs *mallocs, const char *path)
{
	FILE *file = fopen(path, "re");
	bool within = false, failed;
	char *line = NULL;
	size_t size = 0;

	memset(mallocs, 0, sizeof(*mallocs));
	if (file == NULL) {
		cli_warn(errno, "cannot open '%s'", path);
		return false;
	}
	while (getline(&line, &size, file) != -1) {
		mallocs->lines++;
		if (strncmp(line, end, sizeof(end) - 1) == 0)
			break;
		if (within)
			add_line(mallocs, line);
		within |= strncmp(line + strspn(line, " "), begin,
				  sizeof(begin) - 1) == 0;
	}
	failed = ferror(file);
	if (failed)
		cli_warn(errno, "cannot read '%s'", path);
	free(line);
	fclose(file);
	count_rows(mallocs);
	return !failed;
}

void
mallocs_fini(struct mallocs *mallocs)
{
	for (size_t i = 0; i < mallocs->count; i++)
		free(mallocs->rows[i].file);
	free(mallocs->rows);
	free(mallocs->left);
	free(mallocs->twice);
}

size_t
mallocs_next_line(const struct mallocs *mallocs, size_t *i, uint64_t *bytes)
{
	size_t first = *i;

	*bytes = 0;
	do {
		*bytes += mallocs->left[(*i)++]->size;
	} while (*i < mallocs->left_count &&
		 by_line(&mallocs->left[first], &mallocs->left[*i]) == 0);
	return *i - first;
}
