/* SPDX-License-Identifier: MIT */
/* show_json_series.c - numbers over time as JSON. */
#include <config.h>

#include "analyse/show_json.h"
#include "cli/cli.h"

json_t *
json_curve(const struct pmt_curve *curve)
{
	json_t *list = cli_need(json_array());

	for (unsigned i = 0; i < curve->count; i++)
		json_array_append_new(list, json_pack(
			"[o, I, I]", json_seconds(curve->points[i].clock),
			(json_int_t)curve->points[i].low,
			(json_int_t)curve->points[i].high));
	return list;
}

json_t *
json_clocks(const int64_t *clocks, size_t count)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_seconds(clocks[i]));
	return list;
}

json_t *
json_integers(const int64_t *values, size_t count)
{
	json_t *list = cli_need(json_array());

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list,
				      json_integer((json_int_t)values[i]));
	return list;
}
