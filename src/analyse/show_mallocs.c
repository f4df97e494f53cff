/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/mallocs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/heap.h"
#include "analyse/show_json.h"
#include "base/units.h"
#include "cli/cli.h"

/* The blocks that one line left. */
struct holder {
	const struct mallocs_row *row;
	size_t blocks;
	uint64_t bytes;
};

static int
by_bytes(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	return x->bytes != y->bytes ? (x->bytes < y->bytes ? 1 : -1)
				    : (x->row > y->row) - (x->row < y->row);
}

static struct holder *
make_holders(const struct mallocs *mallocs, size_t *count)
{
	struct holder *holders = cli_need(calloc(mallocs->left_count + 1,
						 sizeof(*holders)));

	*count = 0;
	for (size_t i = 0; i < mallocs->left_count;) {
		struct holder *holder = &holders[(*count)++];

		holder->row = mallocs->left[i];
		holder->blocks = mallocs_next_line(mallocs, &i,
						   &holder->bytes);
	}
	qsort(holders, *count, sizeof(*holders), by_bytes);
	return holders;
}

static void
print_place(const struct mallocs_row *row)
{
	heap_print_text(row->file);
	printf(":%" PRIu64 " ", row->line);
	heap_print_text(row->function);
	putchar('\n');
}

static void
print_text(const struct mallocs *mallocs, const char *path,
	   const struct options *options)
{
	char text[PMT_SIZE_TEXT], most[PMT_SIZE_TEXT];
	size_t count;
	struct holder *holders = make_holders(mallocs, &count);

	printf("File path: ");
	heap_print_text(path);
	printf("\nBlocks: %" PRIu64 " taken, %" PRIu64 " freed, %" PRIu64
	       " left with %s; %" PRIu64 " with %s at most\n",
	       mallocs->mallocs, mallocs->frees - mallocs->unknown_frees -
	       mallocs->twice_count, mallocs->blocks,
	       pmt_format_size((int64_t)mallocs->bytes, text),
	       mallocs->most_blocks,
	       pmt_format_size((int64_t)mallocs->most_bytes, most));
	if (mallocs->unknown_frees + mallocs->replaced > 0)
		printf("Not seen: where %" PRIu64 " freed blocks were taken, "
		       "where %" PRIu64 " were freed\n", mallocs->unknown_frees,
		       mallocs->replaced);
	if (mallocs->failed > 0)
		printf("Lines that are no rows: %" PRIu64 "\n",
		       mallocs->failed);
	printf("\nNever freed, by line\n    Blocks       Bytes\n");
	for (size_t i = 0; i < count && i < options->choice.top; i++) {
		printf("%10zu %11s  ", holders[i].blocks,
		       pmt_format_size((int64_t)holders[i].bytes, text));
		print_place(holders[i].row);
	}
	if (mallocs->twice_count > 0)
		printf("\nFreed twice\n");
	for (size_t i = 0; i < mallocs->twice_count &&
	     i < options->choice.top; i++) {
		printf("%#18" PRIx64 "  ", mallocs->twice[i]->address);
		print_place(mallocs->twice[i]);
	}
	free(holders);
}

static json_t *
json_string_of(const char *text)
{
	return json_text((struct pmt_text){ text, strlen(text) });
}

static json_t *
json_place(const struct mallocs_row *row)
{
	json_t *json = cli_need(json_object());

	json_set(json, "file", json_string_of(row->file));
	json_set(json, "line", json_integer((json_int_t)row->line));
	json_set(json, "function", json_string_of(row->function));
	return json;
}

static void
add_lists(const struct mallocs *mallocs, json_t *json)
{
	json_t *lines = cli_need(json_array()), *twice = cli_need(json_array());
	size_t count;
	struct holder *holders = make_holders(mallocs, &count);

	for (size_t i = 0; i < count; i++) {
		json_t *line = json_place(holders[i].row);

		json_set(line, "blocks",
			 json_integer((json_int_t)holders[i].blocks));
		json_set(line, "bytes",
			 json_integer((json_int_t)holders[i].bytes));
		json_array_append_new(lines, line);
	}
	for (size_t i = 0; i < mallocs->twice_count; i++)
		json_array_append_new(twice, json_place(mallocs->twice[i]));
	json_set(json, "lines", lines);
	json_set(json, "freed_twice", twice);
	free(holders);
}

static json_t *
make_json(const struct mallocs *mallocs, const char *path)
{
	const struct {
		const char *key;
		uint64_t value;
	} numbers[] = {
		{ "read_lines", mallocs->lines },
		{ "failed_lines", mallocs->failed },
		{ "mallocs", mallocs->mallocs },
		{ "frees", mallocs->frees },
		{ "null_frees", mallocs->null_frees },
		{ "unknown_frees", mallocs->unknown_frees },
		{ "unseen_frees", mallocs->replaced },
		{ "allocated_bytes", mallocs->allocated },
		{ "freed_bytes", mallocs->released },
		{ "largest_bytes", mallocs->largest },
		{ "left_blocks", mallocs->blocks },
		{ "left_bytes", mallocs->bytes },
		{ "peak_blocks", mallocs->most_blocks },
		{ "peak_bytes", mallocs->most_bytes },
	};
	json_t *json = cli_need(json_object());

	json_set(json, "file", json_string_of(path));
	json_set(json, "kind", json_string("mallocs"));
	for (size_t i = 0; i < PMT_ARRAY_SIZE(numbers); i++)
		json_set(json, numbers[i].key,
			 json_integer((json_int_t)numbers[i].value));
	add_lists(mallocs, json);
	return json;
}

bool
mallocs_show(const char *path, const struct options *options, json_t *list)
{
	struct mallocs mallocs;
	bool read;

	if (options->csv || options->folded || options->text ||
	    options->plot != NULL || options->out != NULL ||
	    options->output != OUTPUT_NONE || options->path_to != NULL) {
		cli_warn(0, "'%s' holds rows of malloc: of these there is text "
			 "and JSON only", path);
		return false;
	}
	read = mallocs_read(&mallocs, path);
	if (options->json)
		json_array_append_new(list, make_json(&mallocs, path));
	else
		print_text(&mallocs, path, options);
	mallocs_fini(&mallocs);
	return read;
}
