/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "top/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/now.h"
#include "cli/cli.h"
#include "cli/commandline.h"

/* A longer name is cut. */
enum { MOMENTS = 32, LONGEST_NAME = 4096 };

int
top_program_open(struct top_program *program, struct pmt_procfs *fs, pid_t pid)
{
	int err;

	*program = (struct top_program){ .pid = pid };
	err = pmt_livetable_open(pid, &program->table);
	if (err < 0)
		return err;
	program->sizes = program->table->with_sizes != 0;
	err = top_program_look(program, fs);
	if (err < 0)
		top_program_close(program);
	return err;
}

void
top_program_close(struct top_program *program)
{
	pmt_livetable_close(program->table);
	free(program->names);
	free(program->sites);
	free(program->command);
}

/*
 * Names that are new.  They stay where they are, in the table; how many bytes
 * of them there are may have become less, if the program is not what it says.
 */
static void
read_names(struct top_program *program)
{
	const struct pmt_livetable *table = program->table;
	uint64_t count = atomic_load(&table->name_count);
	uint64_t bytes = atomic_load(&table->name_bytes);

	if (bytes > PMT_LIVETABLE_NAMES)
		bytes = PMT_LIVETABLE_NAMES;
	while (program->name_count < count) {
		size_t left = bytes < program->name_bytes
			? 0 : bytes - program->name_bytes;
		const char *at = table->names + program->name_bytes;
		uint32_t length;

		if (left < sizeof(length))
			return;
		memcpy(&length, at, sizeof(length));
		if (length > left - sizeof(length))
			return;
		if (pmt_array_reserve((void **)&program->names,
				      sizeof(*program->names),
				      program->name_count,
				      &program->name_room) != 0)
			cli_die(CLI_FAILED, ENOMEM, "cannot keep names");
		program->names[program->name_count++] = (struct pmt_text){
			at + sizeof(length),
			length < LONGEST_NAME ? length : LONGEST_NAME
		};
		program->name_bytes += sizeof(length) + length;
	}
}

static struct top_site *
site_of(struct top_program *program, size_t i)
{
	if (i < program->site_count)
		return &program->sites[i];
	if (pmt_array_reserve((void **)&program->sites,
			      sizeof(*program->sites), program->site_count,
			      &program->site_room) != 0)
		cli_die(CLI_FAILED, ENOMEM, "cannot keep a site");
	program->sites[i] = (struct top_site){
		.site = program->table->rows[i].site,
	};
	program->site_count++;
	return &program->sites[i];
}

/* Which of the moments FROM to TO has the least? */
static int
least(const int64_t *moments, int from, int to)
{
	int found = from;

	for (int i = from + 1; i < to; i++)
		if (moments[i] < moments[found])
			found = i;
	return found;
}

static double
growth_of(const struct top_program *program, const struct top_site *site)
{
	double seconds = (double)(program->timeline.end -
				  program->timeline.start) / 1e9;
	int64_t moments[MOMENTS];
	int first, last;

	if (seconds <= 0)
		return 0;
	pmt_series_sample(&site->series, &program->timeline, moments, MOMENTS);
	first = least(moments, 0, MOMENTS / 4);
	last = least(moments, MOMENTS - MOMENTS / 4, MOMENTS);
	return ((double)moments[last] - (double)moments[first]) /
	       (seconds * (last - first) / MOMENTS);
}

/* SECONDS since the last look; 0: this is the first. */
static void
read_site(struct top_program *program, size_t i, double seconds)
{
	const struct pmt_livetable_row *row = &program->table->rows[i];
	uint64_t made = atomic_load(&row->made);
	struct top_site *site = site_of(program, i);

	if (seconds > 0)
		site->making = (double)(made - site->made) / seconds;
	site->made = made;
	site->live = atomic_load(&row->live);
	site->bytes = atomic_load(&row->bytes);
	program->live += site->live;
	/* It did not begin with nothing when we came. */
	if (seconds == 0)
		site->series.now.value = site->series.now.low =
			(int64_t)site->live;
	pmt_series_set(&site->series, &program->timeline,
		       (int64_t)program->looked, (int64_t)site->live);
	site->growth = growth_of(program, site);
}

static int
read_process(struct top_program *program, struct pmt_procfs *fs)
{
	struct pmt_proc proc;
	int err = pmt_proc_read(fs, program->pid, 0, &proc);

	if (err < 0)
		return err;
	/* A zombie has no memory; another may have the number by now. */
	if (strchr("ZX", proc.state) != NULL ||
	    (program->looked != 0 && proc.start != program->proc.start))
		return -ESRCH;
	program->proc = proc;
	if (program->command == NULL)
		program->command = cli_need(cli_command_line(fs, &proc));
	return 0;
}

int
top_program_look(struct top_program *program, struct pmt_procfs *fs)
{
	const struct pmt_livetable *table = program->table;
	uint64_t now = pmt_now(CLOCK_MONOTONIC), count;
	double seconds = 0;
	int err = read_process(program, fs);

	if (err < 0)
		return err;
	if (program->looked == 0) {
		pmt_timeline_init(&program->timeline, (int64_t)now);
		program->first_rss = program->proc.rss;
	} else {
		seconds = (double)(now - program->looked) / 1e9;
	}
	program->looked = now;
	pmt_timeline_reach(&program->timeline, (int64_t)now);
	count = atomic_load(&table->row_count);
	if (count > PMT_LIVETABLE_ROWS)
		count = PMT_LIVETABLE_ROWS;
	read_names(program);
	program->live = 0;
	program->left_out = atomic_load(&table->left_out);
	program->books = atomic_load(&table->books);
	for (size_t i = 0; i < count; i++)
		read_site(program, i, seconds);
	program->is_noted = pmt_livetable_noted(table, &program->noted_clock,
						&program->noted);
	return 0;
}

struct pmt_text
top_program_name(const struct top_program *program, uint32_t name)
{
	return name < program->name_count ? program->names[name]
					  : (struct pmt_text){ "", 0 };
}
