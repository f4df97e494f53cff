/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "top/metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/openmetrics.h"

static void
print_label(FILE *out, const char *name, struct pmt_text value)
{
	fprintf(out, ",%s=", name);
	openmetrics_value(out, value.bytes, value.length);
}

/* NAME{pid="7",name="python3" */
static void
begin_sample(FILE *out, const char *name, const struct top_program *program)
{
	fprintf(out, "%s{pid=\"%d\"", name, (int)program->pid);
	print_label(out, "name", (struct pmt_text){
		program->proc.name, strlen(program->proc.name)
	});
}

static void
end_sample(FILE *out, int64_t value)
{
	fprintf(out, "} %" PRId64 "\n", value);
}

static void
begin_row(FILE *out, const char *name, const struct top_row *row)
{
	const struct top_program *program = row->program;
	const struct pmt_site *site = &row->site->site;
	bool own = site->own_file != PMT_NO_PART;

	begin_sample(out, name, program);
	print_label(out, "type", top_program_name(program, site->type));
	print_label(out, "file", top_program_name(program, site->file));
	fprintf(out, ",line=\"%" PRIu32 "\"", site->line);
	print_label(out, "function",
		    top_program_name(program, site->function));
	print_label(out, "own_file", top_program_name(
		program, own ? site->own_file : site->file));
	fprintf(out, ",own_line=\"%" PRIu32 "\"",
		own ? site->own_line : site->line);
}

static int64_t
live_of(const struct top_site *site)
{
	return (int64_t)site->live;
}

static int64_t
made_of(const struct top_site *site)
{
	return (int64_t)site->made;
}

static int64_t
bytes_of(const struct top_site *site)
{
	return site->bytes;
}

static const struct {
	const char *name, *sample, *type, *unit, *help;
	int64_t (*value)(const struct top_site *site);
	bool sizes;
} row_metrics[] = {
	{ "pmt_live_objects", "pmt_live_objects", "gauge", NULL,
	  "Objects alive, by type and place of birth.", live_of, false },
	{ "pmt_live_object_bytes", "pmt_live_object_bytes", "gauge", "bytes",
	  "What these objects take.", bytes_of, true },
	{ "pmt_objects_made", "pmt_objects_made_total", "counter", NULL,
	  "Objects made, by type and place.", made_of, false },
};

static void
print_rows(FILE *out, size_t metric, const struct top_row *list, size_t rows)
{
	bool headed = false;

	for (size_t i = 0; i < rows; i++) {
		if (row_metrics[metric].sizes && !list[i].program->sizes)
			continue;
		if (!headed)
			openmetrics_head(out, row_metrics[metric].name,
					 row_metrics[metric].type,
					 row_metrics[metric].unit,
					 row_metrics[metric].help);
		headed = true;
		begin_row(out, row_metrics[metric].sample, &list[i]);
		end_sample(out, row_metrics[metric].value(list[i].site));
	}
}

static void
print_processes(FILE *out, const struct top_metrics *metrics)
{
	static const char rss[] = "pmt_process_resident_memory_bytes";
	static const char all[] = "pmt_all_live_objects";

	openmetrics_head(out, rss, "gauge", "bytes", "Resident set size.");
	for (size_t i = 0; i < metrics->count; i++) {
		begin_sample(out, rss, &metrics->programs[i]);
		end_sample(out, (int64_t)metrics->programs[i].proc.rss);
	}
	openmetrics_head(out, all, "gauge", NULL,
			 "Objects alive, whatever they are.");
	for (size_t i = 0; i < metrics->count; i++) {
		begin_sample(out, all, &metrics->programs[i]);
		end_sample(out, (int64_t)metrics->programs[i].live);
	}
}

static void
print_free(FILE *out, const struct top_program *program, const char *allocator,
	   uint64_t bytes)
{
	if (!program->is_noted || bytes == PMT_MEMORY_UNKNOWN)
		return;
	begin_sample(out, "pmt_allocator_free_bytes", program);
	print_label(out, "allocator", (struct pmt_text){
		allocator, strlen(allocator)
	});
	end_sample(out, (int64_t)bytes);
}

static void
print_own(FILE *out, const struct top_metrics *metrics)
{
	static const char name[] = "pmt_tracer_memory_bytes";

	openmetrics_head(out, name, "gauge", "bytes",
			 "Memory that the tracer takes for its books.");
	for (size_t i = 0; i < metrics->count; i++) {
		begin_sample(out, name, &metrics->programs[i]);
		end_sample(out, (int64_t)metrics->programs[i].books);
	}
}

static void
print_allocators(FILE *out, const struct top_metrics *metrics)
{
	openmetrics_head(out, "pmt_allocator_free_bytes", "gauge", "bytes",
			 "What allocators kept free, when the tracer looked "
			 "last.");
	for (size_t i = 0; i < metrics->count; i++) {
		const struct top_program *program = &metrics->programs[i];

		print_free(out, program, "pymalloc",
			   program->noted.python_free);
		print_free(out, program, program->noted.allocator,
			   program->noted.c_free);
	}
}

void
top_metrics_print(FILE *out, const void *what)
{
	const struct top_metrics *metrics = what;
	size_t rows;
	struct top_row *list = top_rows(metrics->programs, metrics->count,
					metrics->screen, &rows);

	if (rows > metrics->screen->rows)
		rows = metrics->screen->rows;
	print_processes(out, metrics);
	print_allocators(out, metrics);
	print_own(out, metrics);
	for (size_t i = 0; i < PMT_ARRAY_SIZE(row_metrics); i++)
		print_rows(out, i, list, rows);
	fputs("# EOF\n", out);
	free(list);
}
