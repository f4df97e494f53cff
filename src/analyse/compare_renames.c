/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "analyse/compare_renames.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/name.h"

static double
mean_of(const struct comparison *comparison, const struct compare_row *row,
	int side)
{
	return compare_mean(comparison, side,
			    compare_values(comparison, row)[side]);
}

static bool
is_absent(const struct comparison *comparison, const struct compare_row *row,
	  int side)
{
	for (size_t i = 0; i < comparison->runs[side]; i++)
		if (fabs(row->bytes[side][i]) + fabs(row->count[side][i]) > 0)
			return false;
	return true;
}

/* "<module>", "__init__": the same name says little. */
static bool
is_common(const char *name)
{
	return name[0] == '<' || strncmp(name, "__", 2) == 0;
}

static bool
is_moved(const char *old_file, const char *old_name, const char *new_file,
	 const char *new_name, bool about_as_much)
{
	if (strcmp(old_name, new_name) == 0)
		return about_as_much || !is_common(new_name);
	return about_as_much &&
	       strcmp(cli_base_name(old_file), cli_base_name(new_file)) == 0;
}

/*
 * Was OLD renamed to NEW?  The same type, and either the same function in
 * another file, or another function of the same file with about as much.
 */
static bool
is_renamed(const struct comparison *comparison, const struct compare_row *old,
	   const struct compare_row *new)
{
	double before = mean_of(comparison, old, COMPARE_OLD);
	double after = mean_of(comparison, new, COMPARE_NEW);
	bool about_as_much = fabs(after - before) <= before / 10;

	if (strcmp(old->type, new->type) != 0 || old->function[0] == '\0' ||
	    (old->own_function[0] == '\0') != (new->own_function[0] == '\0'))
		return false;
	/* A library keeps its names: the own function may have a new one. */
	if (new->own_function[0] != '\0')
		return strcmp(old->function, new->function) == 0 &&
		       is_moved(old->own_file, old->own_function,
				new->own_file, new->own_function,
				about_as_much);
	return is_moved(old->file, old->function, new->file, new->function,
			about_as_much);
}

/* NEW takes over what OLD, which goes, had on the old side. */
static void
join_renamed(struct compare_row *old, struct compare_row *new)
{
	new->was_file = old->file;
	new->was_function = old->function;
	new->was_own_file = old->own_file;
	new->was_own_function = old->own_function;
	free(new->bytes[COMPARE_OLD]);
	free(new->count[COMPARE_OLD]);
	new->bytes[COMPARE_OLD] = old->bytes[COMPARE_OLD];
	new->count[COMPARE_OLD] = old->count[COMPARE_OLD];
	free(old->bytes[COMPARE_NEW]);
	free(old->count[COMPARE_NEW]);
	*old = (struct compare_row){ .type = NULL };
}

/* Each is compared with each, so only the largest are. */
enum { RENAMES = 200 };

static void
join_old_name(struct comparison *comparison, struct compare_row *new)
{
	size_t count = comparison->row_count;
	size_t first = count > RENAMES ? count - RENAMES : 0;

	for (size_t i = count; i-- > first; ) {
		struct compare_row *old = &comparison->rows[i];

		if (old->type != NULL && old != new &&
		    is_absent(comparison, old, COMPARE_NEW) &&
		    is_renamed(comparison, old, new)) {
			join_renamed(old, new);
			return;
		}
	}
}

void
compare_join_renamed(struct comparison *comparison)
{
	size_t count = comparison->row_count, kept = 0;
	struct compare_row *rows = comparison->rows;

	for (size_t i = 0; i < count && i < RENAMES; i++)
		if (rows[i].type != NULL &&
		    is_absent(comparison, &rows[i], COMPARE_OLD))
			join_old_name(comparison, &rows[i]);
	for (size_t i = 0; i < count; i++)
		if (rows[i].type != NULL)
			rows[kept++] = rows[i];
	comparison->row_count = kept;
	compare_sort(comparison);
}
