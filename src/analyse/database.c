/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/database.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyse/names.h"
#include "cli/cli.h"

enum { MOST_TABLES = 16, MOST_COLUMNS = 16 };

struct database {
	char *path, *temporary;
	sqlite3 *connection;
	struct database_table {
		struct database *database;
		sqlite3_stmt *insert;
	} tables[MOST_TABLES];
	unsigned int table_count;
	bool failed;
};

/* Say what SQLite has to say, once. */
static void
check(struct database *database, int status)
{
	if (status == SQLITE_OK || status == SQLITE_DONE || database->failed)
		return;
	if (status == SQLITE_NOMEM)
		cli_need(NULL);
	database->failed = true;
	cli_warn(0, "cannot write '%s': %s", database->path,
		 sqlite3_errmsg(database->connection));
}

static void
run(struct database *database, const char *statements)
{
	check(database, sqlite3_exec(database->connection, statements, NULL,
				     NULL, NULL));
}

/* What PATH leads to; a device, or a directory, is not replaced. */
static char *
find_target(const char *path)
{
	struct stat status;
	char *target;

	if (stat(path, &status) != 0)
		return cli_need(strdup(path));
	if (!S_ISREG(status.st_mode)) {
		cli_warn(0, "cannot write '%s': it is no regular file", path);
		return NULL;
	}
	target = realpath(path, NULL);
	if (target == NULL)
		cli_warn(errno, "cannot write '%s'", path);
	return target;
}

/* An empty file beside PATH that nobody else has. */
static char *
make_temporary(const char *path)
{
	char *temporary;
	int fd;

	if (asprintf(&temporary, "%s.%jd", path, (intmax_t)getpid()) == -1)
		cli_need(NULL);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd != -1) {
		close(fd);
		return temporary;
	}
	cli_warn(errno, "cannot write '%s'", temporary);
	free(temporary);
	return NULL;
}

struct database *
database_create(const char *path, const char *schema)
{
	struct database *database = cli_need(calloc(1, sizeof(*database)));

	database->path = find_target(path);
	if (database->path != NULL)
		database->temporary = make_temporary(database->path);
	if (database->temporary == NULL) {
		free(database->path);
		free(database);
		return NULL;
	}
	check(database, sqlite3_open_v2(database->temporary,
					&database->connection,
					SQLITE_OPEN_READWRITE |
					SQLITE_OPEN_NOMUTEX, NULL));
	/* Nobody else sees it, and if it fails it goes. */
	run(database, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
		      "PRAGMA locking_mode = EXCLUSIVE; BEGIN");
	run(database, schema);
	return database;
}

bool
database_close(struct database *database, bool keep)
{
	for (unsigned int i = 0; i < database->table_count; i++)
		sqlite3_finalize(database->tables[i].insert);
	if (keep && !database->failed)
		run(database, "COMMIT");
	sqlite3_close(database->connection);
	keep &= !database->failed;
	if (keep && rename(database->temporary, database->path) != 0) {
		cli_warn(errno, "cannot write '%s'", database->path);
		keep = false;
	}
	if (!keep)
		unlink(database->temporary);
	free(database->temporary);
	free(database->path);
	free(database);
	return keep;
}

bool
database_failed(const struct database *database)
{
	return database->failed;
}

struct database_table *
database_table(struct database *database, const char *name,
	       unsigned int columns)
{
	struct database_table *table =
		&database->tables[database->table_count++];
	char text[128];
	int n = snprintf(text, sizeof(text), "INSERT INTO %s VALUES (?", name);

	while (columns-- > 1)
		n += snprintf(text + n, sizeof(text) - (size_t)n, ",?");
	snprintf(text + n, sizeof(text) - (size_t)n, ")");
	table->database = database;
	check(database, sqlite3_prepare_v2(database->connection, text, -1,
					   &table->insert, NULL));
	return table;
}

void
database_integer(struct database_table *table, int column, int64_t value)
{
	sqlite3_bind_int64(table->insert, column, value);
}

void
database_real(struct database_table *table, int column, double value)
{
	sqlite3_bind_double(table->insert, column, value);
}

void
database_text(struct database_table *table, int column, struct pmt_text text)
{
	size_t length;
	char *utf8 = name_utf8(text, &length);

	check(table->database, sqlite3_bind_text64(
		table->insert, column, utf8, length, free, SQLITE_UTF8));
}

void
database_insert(struct database_table *table)
{
	if (table->database->failed)
		return;
	check(table->database, sqlite3_step(table->insert));
	sqlite3_reset(table->insert);
	sqlite3_clear_bindings(table->insert);
}
