/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/record.h"

#include <stddef.h>
#include <string.h>

#include "base/common.h"
#include "cli/json.h"

#define FIELD(field) offsetof(struct process_record, field)

#define COUNT PROCESS_COUNT
#define SECONDS PROCESS_SECONDS

const struct process_field process_fields[PROCESS_FIELDS] = {
	{ "memory_info", "rss", PROCESS_MEMORY, COUNT, FIELD(rss) },
	{ "memory_info", "vms", PROCESS_MEMORY, COUNT, FIELD(vms) },
	{ "memory_info", "shared", PROCESS_MEMORY, COUNT, FIELD(shared) },
	{ "memory_info", "text", PROCESS_MEMORY, COUNT, FIELD(text) },
	{ "memory_info", "data", PROCESS_MEMORY, COUNT, FIELD(data) },
	{ "memory_info", "uss", PROCESS_PSS, COUNT, FIELD(uss) },
	{ "memory_info", "pss", PROCESS_PSS, COUNT, FIELD(pss) },
	{ "memory_info", "swap_pss", PROCESS_PSS, COUNT, FIELD(swap_pss) },
	{ "memory_info", "peak_rss", PROCESS_STATUS, COUNT, FIELD(peak) },
	{ "memory_info", "swap", PROCESS_STATUS, COUNT, FIELD(swap) },
	{ "cpu_times", "user", 0, SECONDS, FIELD(user) },
	{ "cpu_times", "system", 0, SECONDS, FIELD(system) },
	{ "cpu_times", "children_user", 0, SECONDS, FIELD(children_user) },
	{ "cpu_times", "children_system", 0, SECONDS, FIELD(children_system) },
	{ "cpu_times", "iowait", 0, SECONDS, FIELD(iowait) },
	{ "page_faults", "minor", PROCESS_FAULTS, COUNT, FIELD(minor_faults) },
	{ "page_faults", "major", PROCESS_FAULTS, COUNT, FIELD(major_faults) },
	{ NULL, "threads", PROCESS_THREADS, COUNT, FIELD(threads) },
	{ NULL, "fds", PROCESS_FDS, COUNT, FIELD(fds) },
	{ "context_switches", "voluntary", PROCESS_STATUS, COUNT,
	  FIELD(voluntary) },
	{ "context_switches", "involuntary", PROCESS_STATUS, COUNT,
	  FIELD(involuntary) },
	{ "io_counters", "read_count", PROCESS_IO, COUNT, FIELD(read_count) },
	{ "io_counters", "write_count", PROCESS_IO, COUNT, FIELD(write_count) },
	{ "io_counters", "read_bytes", PROCESS_IO, COUNT, FIELD(read_bytes) },
	{ "io_counters", "write_bytes", PROCESS_IO, COUNT, FIELD(write_bytes) },
	{ "io_counters", "read_chars", PROCESS_IO, COUNT, FIELD(read_chars) },
	{ "io_counters", "write_chars", PROCESS_IO, COUNT, FIELD(write_chars) },
	{ "cgroup", "current", PROCESS_CGROUP, COUNT, FIELD(cgroup_current) },
	{ "cgroup", "max", PROCESS_CGROUP_MAX, COUNT, FIELD(cgroup_max) },
	{ "cgroup", "high", PROCESS_CGROUP, COUNT, FIELD(cgroup_high) },
	{ "cgroup", "oom", PROCESS_CGROUP, COUNT, FIELD(cgroup_oom) },
	{ "cgroup", "oom_kill", PROCESS_CGROUP, COUNT, FIELD(cgroup_oom_kill) },
};

static const struct {
	unsigned part;
	const char *name;
} denials[] = {
	{ PROCESS_PSS, "pss" }, { PROCESS_IO, "io_counters" },
	{ PROCESS_FDS, "fds" }, { PROCESS_STATUS, "status" },
};

static json_t *
field_value(const struct process_field *field,
	    const struct process_record *record)
{
	const char *at = (const char *)record + field->offset;

	if (field->type == SECONDS)
		return json_real(*(const double *)at);
	return json_integer((json_int_t)*(const uint64_t *)at);
}

/* The object NAME of TOP, made when it is not there yet. */
static json_t *
object_in(json_t *top, const char *name)
{
	json_t *object;

	if (name == NULL)
		return top;
	object = json_object_get(top, name);
	if (object == NULL) {
		object = json_object();
		json_object_set_new_nocheck(top, name, object);
	}
	return object;
}

static void
add_group(json_t *top, const char *group, const struct process_record *record)
{
	for (size_t i = 0; i < PROCESS_FIELDS; i++) {
		const struct process_field *field = &process_fields[i];
		const char *object = field->object != NULL ? field->object : "";

		if (strcmp(object, group) == 0 &&
		    (field->has & record->has) == field->has)
			json_object_set_new_nocheck(
				object_in(top, field->object), field->key,
				field_value(field, record));
	}
}

/* What readers on macOS know them by. */
static void
add_faults(json_t *top, const struct process_record *record)
{
	json_t *memory = object_in(top, "memory_info");
	uint64_t all = record->minor_faults + record->major_faults;

	if ((record->has & PROCESS_FAULTS) == 0)
		return;
	json_object_set_new_nocheck(memory, "pfaults",
				    json_integer((json_int_t)all));
	json_object_set_new_nocheck(memory, "pageins",
		json_integer((json_int_t)record->major_faults));
	add_group(top, "page_faults", record);
}

static void
add_denied(json_t *top, const struct process_record *record)
{
	json_t *denied;

	if (record->denied == 0)
		return;
	denied = json_array();
	for (size_t i = 0; i < PMT_ARRAY_SIZE(denials); i++) {
		if ((record->denied & denials[i].part) != 0)
			json_array_append_new(denied,
					      json_string(denials[i].name));
	}
	json_object_set_new_nocheck(top, "denied", denied);
}

static void
add_event(json_t *top, const struct process_record *record, bool classic)
{
	static const char *const events[] = { "START", NULL, "STOP" };
	const char *event = events[record->kind];

	/* In a classic line the prefix says so. */
	if (event != NULL && !classic)
		json_object_set_new_nocheck(top, "event", json_string(event));
	if (record->kind != PROCESS_STOP)
		return;
	if (record->gone)
		json_object_set_new_nocheck(top, "gone", json_true());
	if (record->exit_status >= 0)
		json_object_set_new_nocheck(top, "exit_status",
					    json_integer(record->exit_status));
	if (record->signal > 0)
		json_object_set_new_nocheck(top, "signal",
					    json_integer(record->signal));
	json_object_set_new_nocheck(top, "missed",
		json_integer((json_int_t)record->missed));
}

json_t *
process_record_json(const struct process_record *record, bool classic)
{
	json_t *top = json_object();

	json_object_set_new_nocheck(top, "timestamp",
				    json_string(record->timestamp));
	add_group(top, "memory_info", record);
	add_group(top, "cpu_times", record);
	json_object_set_new_nocheck(top, "elapsed_time",
				    json_real(record->elapsed));
	json_object_set_new_nocheck(top, "pid", json_integer(record->pid));
	if (record->label != NULL)
		json_object_set_new_nocheck(top, "label",
					    cli_json_string(record->label));
	add_faults(top, record);
	add_group(top, "", record);
	add_group(top, "context_switches", record);
	add_group(top, "io_counters", record);
	add_group(top, "cgroup", record);
	add_denied(top, record);
	add_event(top, record, classic);
	return top;
}

/* Numbers of any kind that are in range; false: it is not there. */
static bool
parse_field(const struct process_field *field, json_t *value,
	    struct process_record *record)
{
	char *at = (char *)record + field->offset;
	double number = json_number_value(value);

	if (!json_is_number(value) || !(number >= 0 && number < 1.8e19))
		return false;
	if (field->type == SECONDS)
		*(double *)at = number;
	else if (json_is_integer(value))
		*(uint64_t *)at = (uint64_t)json_integer_value(value);
	else
		*(uint64_t *)at = (uint64_t)number;
	return true;
}

/* psutil on macOS counts faults in memory_info, on Linux not at all. */
static void
parse_faults(json_t *memory, struct process_record *record)
{
	json_t *all = json_object_get(memory, "pfaults");
	json_t *major = json_object_get(memory, "pageins");

	if ((record->has & PROCESS_FAULTS) != 0 || !json_is_integer(all) ||
	    json_integer_value(all) < 0)
		return;
	record->has |= PROCESS_FAULTS;
	record->major_faults = 0;
	if (json_is_integer(major) && json_integer_value(major) >= 0 &&
	    json_integer_value(major) <= json_integer_value(all))
		record->major_faults = (uint64_t)json_integer_value(major);
	record->minor_faults = (uint64_t)json_integer_value(all) -
			       record->major_faults;
}

static void
parse_event(json_t *json, struct process_record *record)
{
	const char *event = json_string_value(json_object_get(json, "event"));
	json_t *status = json_object_get(json, "exit_status");

	if (event != NULL && strcmp(event, "START") == 0)
		record->kind = PROCESS_START;
	if (event != NULL && strcmp(event, "STOP") == 0)
		record->kind = PROCESS_STOP;
	record->gone = json_is_true(json_object_get(json, "gone"));
	if (json_is_integer(status))
		record->exit_status = (int)json_integer_value(status);
	record->signal = (int)json_integer_value(json_object_get(json,
								 "signal"));
}

bool
process_record_parse(json_t *json, struct process_record *record)
{
	json_t *memory = json_object_get(json, "memory_info");
	json_t *elapsed = json_object_get(json, "elapsed_time");
	json_t *pid = json_object_get(json, "pid");
	const char *timestamp =
		json_string_value(json_object_get(json, "timestamp"));

	*record = (struct process_record){
		.kind = PROCESS_SAMPLE, .exit_status = -1,
	};
	if (!json_is_integer(json_object_get(memory, "rss")) ||
	    !json_is_number(elapsed) || !json_is_integer(pid) ||
	    timestamp == NULL || json_integer_value(pid) <= 0 ||
	    json_integer_value(pid) > INT32_MAX)
		return false;
	for (size_t i = 0; i < PROCESS_FIELDS; i++) {
		const struct process_field *field = &process_fields[i];
		json_t *in = field->object == NULL ? json :
			     json_object_get(json, field->object);

		if (parse_field(field, json_object_get(in, field->key),
				record))
			record->has |= field->has;
	}
	parse_faults(memory, record);
	parse_event(json, record);
	record->pid = (pid_t)json_integer_value(pid);
	record->elapsed = json_number_value(elapsed);
	snprintf(record->timestamp, sizeof(record->timestamp), "%s", timestamp);
	record->label = json_string_value(json_object_get(json, "label"));
	return true;
}
