/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "top/screen.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/units.h"
#include "cli/cli.h"
#include "report/reporttext.h"

enum { CURVE = 8 };

static const struct {
	const char *name;
	char key;
} orders[] = {
	[TOP_BY_GROWTH] = { "growth", 'g' },
	[TOP_BY_LIVE] = { "live", 'l' },
	[TOP_BY_BYTES] = { "bytes", 'b' },
	[TOP_BY_MADE] = { "made", 'm' },
};

bool
top_order_named(const char *name, enum top_order *order)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(orders); i++) {
		if (strcmp(name, orders[i].name) == 0) {
			*order = (enum top_order)i;
			return true;
		}
	}
	return false;
}

bool
top_order_of_key(char key, enum top_order *order)
{
	for (size_t i = 0; i < PMT_ARRAY_SIZE(orders); i++) {
		if (key == orders[i].key) {
			*order = (enum top_order)i;
			return true;
		}
	}
	return false;
}

static enum top_order compare_by;	/* qsort gives no context */

static double
weight(const struct top_site *site)
{
	switch (compare_by) {
	case TOP_BY_LIVE:
		return (double)site->live;
	case TOP_BY_BYTES:
		return (double)site->bytes;
	case TOP_BY_MADE:
		return site->making;
	case TOP_BY_GROWTH:
		break;
	}
	/* Bytes, where they are known. */
	return site->live == 0 || site->bytes <= 0 ? site->growth :
		site->growth * ((double)site->bytes / (double)site->live);
}

static int
compare(const void *a, const void *b)
{
	const struct top_row *x = a, *y = b;
	double wx = weight(x->site), wy = weight(y->site);

	if (wx != wy)
		return wx < wy ? 1 : -1;
	return (x->site->live < y->site->live) -
	       (x->site->live > y->site->live);
}

struct top_row *
top_rows(const struct top_program *programs, size_t count,
	 const struct top_screen *screen, size_t *rows)
{
	size_t room = 1, used = 0;
	struct top_row *list;

	for (size_t i = 0; i < count; i++)
		room += programs[i].site_count;
	list = cli_need(reallocarray(NULL, room, sizeof(*list)));
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < programs[i].site_count; j++) {
			const struct top_site *site = &programs[i].sites[j];

			if (site->live > 0 &&
			    (screen->imports || site->site.imports == 0))
				list[used++] = (struct top_row){
					&programs[i], site
				};
		}
	}
	compare_by = screen->order;
	qsort(list, used, sizeof(*list), compare);
	*rows = used;
	return list;
}

/* "2:03:04" */
static void
print_age(FILE *out, uint64_t ns)
{
	uint64_t seconds = ns / 1000000000;

	fprintf(out, "%" PRIu64 ":%02u:%02u", seconds / 3600,
		(unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
}

/* Where the interpreter is says little, and takes room. */
static const char *
short_command(const char *command)
{
	const char *slash = memrchr(command, '/', strcspn(command, " "));

	return slash == NULL ? command : slash + 1;
}

static void
print_program(FILE *out, const struct top_program *program)
{
	int64_t change = (int64_t)(program->proc.rss - program->first_rss);
	char size[PMT_SIZE_TEXT], count[PMT_NUMBER_TEXT];

	fprintf(out, "%d up ", (int)program->pid);
	print_age(out, pmt_proc_age(&program->proc));
	fprintf(out, ", RSS %s",
		pmt_format_size((int64_t)program->proc.rss, size));
	fprintf(out, " (%s%s)", change >= 0 ? "+" : "",
		pmt_format_size(change, size));
	fprintf(out, ", %s objects: %s",
		pmt_format_count(program->live, count),
		short_command(program->command));
	if (program->left_out > 0)
		fprintf(out, "; %" PRIu64 " sites left out",
			program->left_out);
	putc('\n', out);
}

static void
print_place(FILE *out, const struct top_program *program, uint32_t file,
	    uint32_t line, uint32_t function)
{
	struct pmt_text path = top_program_name(program, file);

	pmt_print_name(out, pmt_file_name(path, false), 0);
	fprintf(out, ":%" PRIu32 " ", line);
	pmt_print_name(out, top_program_name(program, function), 0);
}

static void
print_row(FILE *out, const struct top_screen *screen, const struct top_row *row,
	  bool several)
{
	const struct top_program *program = row->program;
	const struct pmt_site *site = &row->site->site;
	char size[PMT_SIZE_TEXT], count[PMT_NUMBER_TEXT];
	int64_t samples[CURVE];

	if (several)
		fprintf(out, "%8d", (int)program->pid);
	fprintf(out, "%10s %9s %9.1f  ",
		pmt_format_count(row->site->live, count),
		program->sizes ? pmt_format_size(row->site->bytes, size) : "-",
		row->site->growth);
	pmt_series_sample(&row->site->series, &program->timeline, samples,
			  CURVE);
	pmt_print_curve(out, samples, CURVE, screen->utf8);
	fputs(!screen->colour ? "  " : row->site->growth > 0
		? "  \033[1;31m" : "  \033[1m", out);
	pmt_print_name(out, top_program_name(program, site->type), 0);
	fputs(screen->colour ? "\033[m " : " ", out);
	print_place(out, program, site->file, site->line, site->function);
	if (site->own_file != PMT_NO_PART &&
	    (site->own_file != site->file || site->own_line != site->line)) {
		fputs(" for ", out);
		print_place(out, program, site->own_file, site->own_line,
			    site->own_function);
	}
	putc('\n', out);
}

/* The bytes of TEXT that WIDTH columns show; escapes take none. */
static size_t
fitting(const char *text, size_t length, int width)
{
	size_t i = 0, size;
	bool safe;

	while (i < length) {
		size_t escape = text[i] == '\033' ? strcspn(text + i, "m") + 1
						  : 0;

		size = escape > 0 ? escape
				  : pmt_character(text + i, length - i, &safe);
		if (escape == 0 && width-- == 0)
			break;
		i += size;
	}
	return i;
}

/* TEXT, each line of it cut to the width. */
static void
put_lines(FILE *out, const struct top_screen *screen, const char *text)
{
	const char *end;

	for (; (end = strchr(text, '\n')) != NULL; text = end + 1) {
		size_t length = (size_t)(end - text);

		if (screen->width > 0)
			length = fitting(text, length, screen->width);
		fwrite(text, 1, length, out);
		fputs(screen->colour ? "\033[m\n" : "\n", out);
	}
}

void
top_screen_print(FILE *out, const struct top_screen *screen,
		 const struct top_program *programs, size_t count)
{
	char *text = NULL;
	size_t length, rows;
	struct top_row *list = top_rows(programs, count, screen, &rows);
	FILE *lines = open_memstream(&text, &length);

	if (lines == NULL)
		cli_die(CLI_FAILED, errno, "cannot print");
	for (size_t i = 0; i < count; i++)
		print_program(lines, &programs[i]);
	fprintf(lines, "\n%s%10s %9s %9s  %-8s  %s\n",
		count > 1 ? "     pid" : "", "alive", "bytes", "grow/s",
		"so far", "type, made at");
	for (size_t i = 0; i < rows && i < screen->rows; i++)
		print_row(lines, screen, &list[i], count > 1);
	if (fclose(lines) != 0)
		cli_die(CLI_FAILED, errno, "cannot print");
	put_lines(out, screen, text);
	free(text);
	free(list);
}
