/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "process/plot.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "process/spool.h"
#include "report/plot.h"

#define NAME_SIZE 128
#define LABEL_SIZE 256

/* Which of a process's columns hold any number: gnuplot stops at none. */
struct columns {
	bool pss, faults, cpu, labels;
};

struct process_plot {
	const char *directory;
	char log[NAME_SIZE];	/* its name, fit for files and scripts */
	struct process_spool *rows, *labels;
	struct columns *columns;	/* by number in `rows` */
	size_t count;
};

struct process_plot *
process_plot_new(const char *log, const char *directory)
{
	struct process_plot *plot = calloc(1, sizeof(*plot));
	const char *slash = strrchr(log, '/');
	struct stat status;

	if (plot == NULL)
		cli_die(CLI_FAILED, ENOMEM, "cannot plot");
	if (mkdir(directory, 0777) != 0 && errno != EEXIST)
		cli_die(CLI_FAILED, errno, "cannot make '%s'", directory);
	if (stat(directory, &status) != 0 || !S_ISDIR(status.st_mode))
		cli_die(CLI_FAILED, ENOTDIR, "cannot write in '%s'", directory);
	plot->directory = directory;
	pmt_plot_name(slash != NULL ? slash + 1 : log, plot->log,
		      sizeof(plot->log));
	plot->rows = process_spool_new();
	plot->labels = process_spool_new();
	return plot;
}

static void
number(FILE *out, double value)
{
	/* "-" is what the script declares as missing. */
	if (isnan(value))
		fputs("\t-", out);
	else
		fprintf(out, "\t%.6g", value);
}

static void
add_label(struct process_plot *plot, const struct process_record *record)
{
	char label[LABEL_SIZE], field[LABEL_SIZE + 3], *line;
	size_t end = strlen(record->label);
	int length;

	/* Gnuplot reads no endless lines; cut where a character begins. */
	if (end >= sizeof(label))
		end = sizeof(label) - 1;
	while (end > 0 && (record->label[end] & 0xc0) == 0x80)
		end--;
	snprintf(label, sizeof(label), "%.*s", (int)end, record->label);
	pmt_plot_field(label, field);
	length = asprintf(&line, "%.6f\t%s\n", record->elapsed, field);
	if (length == -1)
		cli_die(CLI_FAILED, ENOMEM, "cannot plot");
	process_spool_add(plot->labels, record->pid, line, (size_t)length);
	free(line);
}

static void
note_columns(struct process_plot *plot, size_t number,
	     const struct process_row *row)
{
	struct columns *columns;

	if (number >= plot->count) {
		plot->columns = reallocarray(plot->columns, number + 1,
					     sizeof(*columns));
		if (plot->columns == NULL)
			cli_die(CLI_FAILED, ENOMEM, "cannot plot");
		plot->columns[number] = (struct columns){ 0 };
		plot->count = number + 1;
	}
	columns = &plot->columns[number];
	columns->pss |= (row->record->has & PROCESS_PSS) != 0;
	columns->faults |= !isnan(row->faults_per_s);
	columns->cpu |= !isnan(row->inst_cpu);
	columns->labels |= row->record->label != NULL;
}

void
process_plot_add(struct process_plot *plot, const struct process_row *row)
{
	const struct process_record *record = row->record;
	char *text = NULL, time[sizeof(record->timestamp) + 3];
	size_t length;
	FILE *out;

	if (record->label != NULL)
		add_label(plot, record);
	if (record->gone)
		return;		/* nothing new */
	out = open_memstream(&text, &length);
	if (out == NULL)
		cli_die(CLI_FAILED, errno, "cannot plot");
	fprintf(out, "%.6f\t%" PRIu64, record->elapsed, record->rss);
	number(out, (record->has & PROCESS_PSS) != 0 ? (double)record->pss :
	       NAN);
	number(out, row->faults_per_s);
	number(out, record->user);
	number(out, record->system);
	number(out, 100 * row->mean_cpu);
	number(out, 100 * row->inst_cpu);
	pmt_plot_field(record->timestamp, time);
	fprintf(out, "\t%s\n", time);
	if (fclose(out) != 0)
		cli_die(CLI_FAILED, errno, "cannot plot");
	note_columns(plot, process_spool_add(plot->rows, record->pid, text,
					     length), row);
	free(text);
}

static FILE *
create(const struct process_plot *plot, pid_t pid, const char *suffix,
       char **path)
{
	FILE *file;

	if (asprintf(path, "%s/%s_%d%s", plot->directory, plot->log, (int)pid,
		     suffix) == -1)
		cli_die(CLI_FAILED, ENOMEM, "cannot plot");
	file = fopen(*path, "w");
	if (file == NULL)
		cli_die(CLI_FAILED, errno, "cannot open '%s'", *path);
	return file;
}

static void
finish(FILE *file, char *path)
{
	bool failed = ferror(file) != 0;

	if (fclose(file) != 0 || failed)
		cli_die(CLI_FAILED, errno, "cannot write '%s'", path);
	free(path);
}

static void
write_data(struct process_plot *plot, struct process_spool *spool, size_t i,
	   const char *suffix, const char *titles)
{
	char *path;
	FILE *file = create(plot, process_spool_pid(spool, i), suffix, &path);

	fputs(titles, file);
	process_spool_copy(spool, i, file);
	finish(file, path);
}

/*
 * What stands in the script is fixed but for names that pmt_plot_name() made
 * harmless.  Labels come from a file of data and are drawn as they are.
 */
static const char script_head[] =
	"# Draws %s.png and %s.svg: gnuplot %s.plt\n"
	"data = '%s.dat'\n"
	"labels = '%s'\n"
	"pss = %d\nfaults = %d\ncpu = %d\n"
	"set encoding utf8\n"
	"set datafile separator tab\n"
	"set datafile missing '-'\n"
	"stats data using 1 nooutput name 'T'\n"
	"stats data using ($2/1048576) nooutput name 'RSS'\n"
	"CPU_max = 0\nFAULTS_max = 0\n"
	"if (cpu) { stats data using 8 nooutput name 'CPU' }\n"
	"if (faults) { stats data using 4 nooutput name 'FAULTS' }\n"
	"top(max) = max > 0 ? max * 1.15 : 1\n"
	"set xrange [T_min:T_max > T_min ? T_max : T_min + 1]\n"
	"set lmargin 12\nset rmargin 4\n"
	"set key above right horizontal\n"
	"set tics out nomirror\nset border 3\n"
	"set grid back lc rgb '#cccccc' lw 0.5 dt 1\n"
	"set style arrow 1 nohead lc rgb '#888888' dt 2\n"
	"marks = \"labels using 1:(0):(0):(height) with vectors as 1 "
	"notitle\"\n"
	"names = \"labels using 1:(height):(strcol(2)[1:30]) with labels "
	"noenhanced rotate by 90 right offset 0.7,-0.3 font ',8' notitle\"\n"
	"seconds = 'seconds since the process began'\n";

static const char script_body[] =
	"set output '%s.%s'\n"
	"set multiplot layout 1 + cpu + faults, 1 "
	"title '%s  PID %d' noenhanced\n"
	"height = top(RSS_max)\n"
	"set ylabel 'MiB' offset 0\nset yrange [0:height]\n"
	"set xlabel (cpu + faults > 0 ? '' : seconds)\n"
	"rss = \"data using 1:($2/1048576) with lines lw 2 "
	"lc rgb '#1f6fb4' title 'RSS'\"\n"
	"if (pss) { rss = rss.\", data using 1:($3/1048576) with lines lw 2 "
	"lc rgb '#7f4fa0' title 'PSS'\" }\n"
	"if (labels ne '') { plot @rss, @marks, @names } else { plot @rss }\n"
	"if (cpu) {\n"
	"    height = top(CPU_max)\n"
	"    set ylabel 'CPU %%'\nset yrange [0:height]\n"
	"    set xlabel (faults ? '' : seconds)\n"
	"}\n"
	"use = \"data using 1:8 with lines lw 1.5 lc rgb '#d0742c' "
	"title 'since the sample before', "
	"data using 1:7 with lines lw 1.5 lc rgb '#7a3d10' dt 3 "
	"title 'mean of its life'\"\n"
	"if (cpu && labels ne '') { plot @use, @marks }\n"
	"if (cpu && labels eq '') { plot @use }\n"
	"if (faults) {\n"
	"    height = top(FAULTS_max)\n"
	"    set ylabel 'page faults / s'\nset yrange [0:height]\n"
	"    set xlabel seconds\n"
	"}\n"
	"rate = \"data using 1:4 with lines lw 1.5 lc rgb '#2f8f4e' "
	"notitle\"\n"
	"if (faults && labels ne '') { plot @rate, @marks }\n"
	"if (faults && labels eq '') { plot @rate }\n"
	"unset multiplot\nset output\n";

static void
write_script(struct process_plot *plot, pid_t pid,
	     const struct columns *columns)
{
	char name[NAME_SIZE + 16], labels[NAME_SIZE + 32] = "", *path;
	FILE *file = create(plot, pid, ".plt", &path);

	snprintf(name, sizeof(name), "%s_%d", plot->log, (int)pid);
	if (columns->labels)
		snprintf(labels, sizeof(labels), "%s_labels.dat", name);
	fprintf(file, script_head, name, name, name, name, labels,
		columns->pss, columns->faults, columns->cpu);
	fputs("if (strstrt(GPVAL_TERMINALS, 'pngcairo') > 0) "
	      "set terminal pngcairo size 1000,800; else "
	      "set terminal png size 1000,800\n", file);
	fprintf(file, script_body, name, "png", plot->log, (int)pid);
	fputs("set terminal svg size 1000,800\n", file);
	fprintf(file, script_body, name, "svg", plot->log, (int)pid);
	finish(file, path);
}

/* Returns an exit status. */
static int
draw(const struct process_plot *plot, pid_t pid)
{
	char script[NAME_SIZE + 32];
	int err;

	snprintf(script, sizeof(script), "%s_%d.plt", plot->log, (int)pid);
	err = pmt_plot_run(plot->directory, script);
	if (err == -ENOENT)
		cli_warn(0, "gnuplot is not installed (Debian: apt install "
			 "gnuplot-nox); then run it on the .plt files in '%s'",
			 plot->directory);
	else if (err != 0)
		cli_warn(err == -EIO ? 0 : err, "gnuplot failed on '%s/%s'",
			 plot->directory, script);
	return err == 0 ? CLI_OK : CLI_FAILED;
}

int
process_plot_finish(struct process_plot *plot)
{
	size_t count = process_spool_count(plot->rows);
	int status = CLI_OK;

	for (size_t i = 0; i < process_spool_count(plot->labels); i++)
		write_data(plot, plot->labels, i, "_labels.dat", "");
	for (size_t i = 0; i < count; i++) {
		pid_t pid = process_spool_pid(plot->rows, i);

		write_data(plot, plot->rows, i, ".dat",
			   "# t\tRSS\tPSS\tfaults/s\tuser\tsystem\tmean CPU %\t"
			   "CPU %\ttimestamp\n");
		write_script(plot, pid, &plot->columns[i]);
	}
	for (size_t i = 0; i < count && status == CLI_OK; i++)
		status = draw(plot, process_spool_pid(plot->rows, i));
	process_spool_free(plot->rows);
	process_spool_free(plot->labels);
	free(plot->columns);
	free(plot);
	return status;
}
