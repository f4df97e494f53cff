/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "process/quick.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/common.h"

struct text {
	char *bytes;
	size_t length;
};

struct quick {
	char *at;
	struct process_record *record;
	uint64_t seen;		/* fields, keys and objects, by number */
	size_t next;		/* the field that is likely to follow */
	struct text label;
	bool has_rss;
	uint64_t faults, pageins;
	bool failed;
};

/* Keys on top and in memory_info that are no fields. */
enum key {
	KEY_TIMESTAMP, KEY_ELAPSED, KEY_PID, KEY_LABEL, KEY_EVENT, KEY_GONE,
	KEY_EXIT_STATUS, KEY_SIGNAL, KEY_FAULTS, KEY_PAGEINS, KEYS,
};

static const struct {
	const char *name;
	bool in_memory;
} keys[KEYS] = {
	[KEY_TIMESTAMP] = { "timestamp", false },
	[KEY_ELAPSED] = { "elapsed_time", false },
	[KEY_PID] = { "pid", false }, [KEY_LABEL] = { "label", false },
	[KEY_EVENT] = { "event", false }, [KEY_GONE] = { "gone", false },
	[KEY_EXIT_STATUS] = { "exit_status", false },
	[KEY_SIGNAL] = { "signal", false },
	[KEY_FAULTS] = { "pfaults", true }, [KEY_PAGEINS] = { "pageins", true },
};

static const char *const objects[] = {
	"memory_info", "cpu_times", "page_faults", "context_switches",
	"io_counters", "cgroup",
};

/* Bits of what was seen, after those of the fields. */
enum {
	SEEN_KEYS = PROCESS_FIELDS,
	SEEN_OBJECTS = SEEN_KEYS + KEYS,
	SEEN_ALL = SEEN_OBJECTS + (int)PMT_ARRAY_SIZE(objects),
};

_Static_assert(SEEN_ALL <= 64, "each has a bit");

static void
skip_blanks(struct quick *quick)
{
	while (*quick->at == ' ' || *quick->at == '\t')
		quick->at++;
}

static bool
take(struct quick *quick, char c)
{
	skip_blanks(quick);
	if (*quick->at != c)
		return false;
	quick->at++;
	return true;
}

static bool
is_plain(char c)
{
	return (unsigned char)c >= ' ' && (unsigned char)c < 0x80 &&
	       c != '"' && c != '\\';
}

static struct text
take_string(struct quick *quick)
{
	struct text text = { NULL, 0 };

	if (!take(quick, '"')) {
		quick->failed = true;
		return text;
	}
	text.bytes = quick->at;
	while (is_plain(*quick->at))
		quick->at++;
	text.length = (size_t)(quick->at - text.bytes);
	if (*quick->at != '"')
		quick->failed = true;
	else
		quick->at++;
	return text;
}

static bool
is(struct text text, const char *word)
{
	return text.bytes[0] == word[0] &&
	       strncmp(text.bytes, word, text.length) == 0 &&
	       word[text.length] == '\0';
}

struct number {
	uint64_t digits;	/* without the point */
	double value;
	bool whole;
};

/* Digits below 2^53, by a power of ten: the one rounding is strtod()'s. */
static double
value_of(uint64_t digits, size_t places)
{
	static const double powers[] = {
		1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
		1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
	};

	return (double)digits / powers[places];
}

static struct number
take_number(struct quick *quick)
{
	struct number number = { .whole = true };
	const char *begin, *point = NULL;
	size_t length;

	skip_blanks(quick);
	begin = quick->at;
	for (; (*quick->at >= '0' && *quick->at <= '9') ||
	       (*quick->at == '.' && point == NULL); quick->at++) {
		if (*quick->at == '.')
			point = quick->at;
		else
			number.digits = number.digits * 10 +
					(uint64_t)(*quick->at - '0');
	}
	length = (size_t)(quick->at - begin);
	number.whole = point == NULL;
	quick->failed |= length == 0 || length > 18 || begin == point ||
			 quick->at - 1 == point ||
			 (*begin == '0' && length > 1 && point != begin + 1) ||
			 (!number.whole && number.digits >> 53 != 0) ||
			 *quick->at == 'e' || *quick->at == 'E';
	if (!quick->failed)
		number.value = value_of(number.digits, number.whole ? 0 :
					(size_t)(quick->at - point - 1));
	return number;
}

static uint64_t
take_whole(struct quick *quick, uint64_t most)
{
	struct number number = take_number(quick);

	quick->failed |= !number.whole || number.digits > most;
	return number.digits;
}

static void
take_true(struct quick *quick, bool *value)
{
	skip_blanks(quick);
	*value = strncmp(quick->at, "true", 4) == 0;
	quick->failed |= !*value;
	quick->at += *value ? 4 : 0;
}

/* Twice the same key: which counts, others may know. */
static void
see(struct quick *quick, size_t number)
{
	quick->failed |= (quick->seen >> number & 1) != 0;
	quick->seen |= UINT64_C(1) << number;
}

static void
take_timestamp(struct quick *quick)
{
	struct process_record *record = quick->record;
	struct text text = take_string(quick);

	quick->failed |= text.length >= sizeof(record->timestamp);
	if (quick->failed)
		return;
	memcpy(record->timestamp, text.bytes, text.length);
	record->timestamp[text.length] = '\0';
}

static void
take_event(struct quick *quick)
{
	struct text text = take_string(quick);

	if (quick->failed)
		return;
	if (is(text, "START"))
		quick->record->kind = PROCESS_START;
	else if (is(text, "STOP"))
		quick->record->kind = PROCESS_STOP;
}

static void
take_key(struct quick *quick, enum key key)
{
	struct process_record *record = quick->record;

	switch (key) {
	case KEY_TIMESTAMP:
		take_timestamp(quick);
		break;
	case KEY_ELAPSED:
		record->elapsed = take_number(quick).value;
		break;
	case KEY_PID:
		record->pid = (pid_t)take_whole(quick, INT32_MAX);
		break;
	case KEY_LABEL:
		quick->label = take_string(quick);
		break;
	case KEY_EVENT:
		take_event(quick);
		break;
	case KEY_GONE:
		take_true(quick, &record->gone);
		break;
	case KEY_EXIT_STATUS:
		record->exit_status = (int)take_whole(quick, INT32_MAX);
		break;
	case KEY_SIGNAL:
		record->signal = (int)take_whole(quick, INT32_MAX);
		break;
	case KEY_FAULTS:
		quick->faults = take_whole(quick, UINT64_MAX);
		break;
	case KEY_PAGEINS:
		quick->pageins = take_whole(quick, UINT64_MAX);
		break;
	case KEYS:
		break;
	}
}

static void
take_field(struct quick *quick, const struct process_field *field)
{
	struct number number = take_number(quick);
	char *at = (char *)quick->record + field->offset;

	if (quick->failed)
		return;
	if (field->type == PROCESS_SECONDS)
		*(double *)at = number.value;
	else if (number.whole)
		*(uint64_t *)at = number.digits;
	else
		*(uint64_t *)at = (uint64_t)number.value;
	quick->record->has |= field->has;
	quick->has_rss |= number.whole &&
			  field->offset == offsetof(struct process_record, rss);
}

/* Of no matter to us: text, lists of text, and numbers. */
static void
skip_value(struct quick *quick)
{
	skip_blanks(quick);
	if (*quick->at == '"') {
		take_string(quick);
	} else if (take(quick, '[')) {
		do
			take_string(quick);
		while (!quick->failed && take(quick, ','));
		quick->failed |= !take(quick, ']');
	} else {
		take_number(quick);
	}
}

static bool
is_field(size_t number, const char *object, struct text name)
{
	const struct process_field *field = &process_fields[number];

	return (field->object == NULL) == (object == NULL) &&
	       is(name, field->key) &&
	       (object == NULL || strcmp(field->object, object) == 0);
}

/* The field of this name, or PROCESS_FIELDS. */
static size_t
find_field(const char *object, struct text name)
{
	size_t i = 0;

	while (i < PROCESS_FIELDS && !is_field(i, object, name))
		i++;
	return i;
}

static enum key
find_key(const char *object, struct text name)
{
	enum key key = 0;

	if (object != NULL && object != objects[0])
		return KEYS;
	while (key < KEYS && (keys[key].in_memory != (object != NULL) ||
			      !is(name, keys[key].name)))
		key++;
	return key;
}

static void take_members(struct quick *quick, const char *object);

/* They mostly stand in the order of their table. */
static void
take_value(struct quick *quick, const char *object, struct text name)
{
	size_t field = quick->next;
	enum key key = KEYS;

	if (field == PROCESS_FIELDS || !is_field(field, object, name)) {
		key = find_key(object, name);
		field = key < KEYS ? PROCESS_FIELDS
				   : find_field(object, name);
	}
	if (field < PROCESS_FIELDS) {
		quick->next = field + 1;
		see(quick, field);
		take_field(quick, &process_fields[field]);
	} else if (key < KEYS) {
		see(quick, SEEN_KEYS + (size_t)key);
		take_key(quick, key);
	} else {
		skip_value(quick);
	}
}

static void
take_member(struct quick *quick, const char *object)
{
	struct text name = take_string(quick);

	quick->failed |= !take(quick, ':');
	if (quick->failed)
		return;
	for (size_t i = 0; object == NULL && i < PMT_ARRAY_SIZE(objects); i++)
		if (is(name, objects[i])) {
			see(quick, SEEN_OBJECTS + i);
			take_members(quick, objects[i]);
			return;
		}
	take_value(quick, object, name);
}

static void
take_members(struct quick *quick, const char *object)
{
	quick->failed |= !take(quick, '{');
	do {
		if (!quick->failed)
			take_member(quick, object);
	} while (!quick->failed && take(quick, ','));
	quick->failed |= !take(quick, '}');
}

static bool
has_seen(const struct quick *quick, enum key key)
{
	return (quick->seen >> (SEEN_KEYS + key) & 1) != 0;
}

/* As process_record_parse() takes them where there is no page_faults. */
static void
set_faults(const struct quick *quick, struct process_record *record)
{
	if ((record->has & PROCESS_FAULTS) != 0 ||
	    !has_seen(quick, KEY_FAULTS))
		return;
	record->has |= PROCESS_FAULTS;
	record->major_faults = has_seen(quick, KEY_PAGEINS) &&
			       quick->pageins <= quick->faults
				       ? quick->pageins : 0;
	record->minor_faults = quick->faults - record->major_faults;
}

bool
process_quick_parse(char *text, struct process_record *record)
{
	struct quick quick = { .at = text, .record = record };

	*record = (struct process_record){
		.kind = PROCESS_SAMPLE, .exit_status = -1,
	};
	take_members(&quick, NULL);
	if (quick.failed || !quick.has_rss || record->pid == 0 ||
	    !has_seen(&quick, KEY_TIMESTAMP) ||
	    !has_seen(&quick, KEY_ELAPSED))
		return false;
	set_faults(&quick, record);
	if (quick.label.bytes != NULL) {
		quick.label.bytes[quick.label.length] = '\0';
		record->label = quick.label.bytes;
	}
	return true;
}
