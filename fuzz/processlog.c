/* SPDX-License-Identifier: MIT */
/* Whatever a record holds, what is printed of it is sound. */
/* Needs src/cli/recordlog.c src/cli/record.c src/process/row.c */
/* Needs src/cli/recordquick.c */
/* Needs src/process/table.c src/process/metrics.c src/process/spool.c */
/* Needs src/cli/cli.c src/cli/csv.c src/cli/json.c src/cli/name.c */
/* Needs src/cli/openmetrics.c */
#include <config.h>

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/recordlog.h"
#include "process/metrics.h"
#include "process/row.h"
#include "process/table.h"
#include "inputfile.h"

struct views {
	struct process_past *past;
	struct process_metrics *metrics;
	struct process_table *table;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One line, which nothing in it can end or steer a terminal by. */
static void
check_line(void (*print)(FILE *, const struct process_row *),
	   const struct process_row *row, bool json)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	json_t *value;

	if (out == NULL)
		abort();
	print(out, row);
	fclose(out);
	if (size == 0 || text[size - 1] != '\n')
		abort();
	/* Lines of CSV end as RFC 4180 wants them. */
	size -= !json && size > 1 && text[size - 2] == '\r';
	for (size_t i = 0; i + 1 < size; i++)
		if ((unsigned char)text[i] < ' ')
			abort();
	value = json ? json_loadb(text, size, 0, NULL) : NULL;
	if (json && value == NULL)
		abort();
	json_decref(value);
	free(text);
}

static void
take(const struct process_record *record, void *with)
{
	struct views *views = with;
	struct process_row row = process_row(views->past, record);

	check_line(process_print_json, &row, true);
	check_line(process_print_csv, &row, false);
	process_table_add(views->table, &row);
	process_metrics_set(views->metrics, record, NULL);
	json_decref(process_record_json(record, false));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct process_log_stats stats;
	struct views views = {
		process_past_new(), process_metrics_new(), process_table_new(),
	};
	static FILE *null;
	char path[FUZZ_PATH];
	int fd = fuzz_file(data, size, path);

	if (null == NULL)
		null = freopen("/dev/null", "w", stdout);
	if (null == NULL)
		abort();
	process_log_read(path, &stats, take, &views);
	process_metrics_print(views.metrics, stdout);
	process_table_finish(views.table);
	process_metrics_free(views.metrics);
	process_past_free(views.past);
	close(fd);
	return 0;
}
