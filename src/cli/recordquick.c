/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/recordquick.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

/* ASCII that stands for itself in a string. */
static bool
is_plain(char c)
{
	static const bool plain[256] = {
		[' ' ... '!'] = true, ['#' ... '['] = true,
		[']' ... 0x7f] = true,
	};

	return plain[(unsigned char)c];
}

static struct text
take_string(struct quick *quick)
{
	struct text text = { NULL, 0 };
	char *at;

	if (!take(quick, '"')) {
		quick->failed = true;
		return text;
	}
	text.bytes = at = quick->at;
	while (is_plain(*at))
		at++;
	text.length = (size_t)(at - text.bytes);
	quick->failed |= *at != '"';
	quick->at = at + (*at == '"');
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

/* The digits at AT, behind those that *DIGITS has; returns their end. */
static char *
take_digits(char *at, uint64_t *digits)
{
	uint64_t sum = *digits;
	unsigned digit;

	for (; (digit = (unsigned)*at - '0') < 10; at++)
		sum = sum * 10 + digit;
	*digits = sum;
	return at;
}

static struct number
take_number(struct quick *quick)
{
	struct number number = { .whole = true };
	size_t before, behind = 0;
	char *begin, *at;

	skip_blanks(quick);
	begin = quick->at;
	at = take_digits(begin, &number.digits);
	before = (size_t)(at - begin);
	if (*at == '.') {
		number.whole = false;
		begin = ++at;
		at = take_digits(at, &number.digits);
		behind = (size_t)(at - begin);
		quick->failed |= behind == 0 || number.digits >> 53 != 0;
	}
	quick->failed |= before == 0 || before + behind > 17 ||
			 (*quick->at == '0' && before > 1) ||
			 *at == 'e' || *at == 'E';
	quick->at = at;
	if (!quick->failed)
		number.value = value_of(number.digits, behind);
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

/* The field of this name, likely FIRST or soon after it, or PROCESS_FIELDS. */
static size_t
find_field(size_t first, const char *object, struct text name)
{
	size_t i = first;

	do {
		if (is_field(i, object, name))
			return i;
		i = (i + 1) % PROCESS_FIELDS;
	} while (i != first);
	return PROCESS_FIELDS;
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
				   : find_field(field % PROCESS_FIELDS,
						object, name);
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

/* The key of each field as pmt-process and Python write it: "rss": */
static struct expected {
	char text[24];
	size_t length;
} expected[PROCESS_FIELDS];

static void
expect_fields(void)
{
	for (size_t i = 0; i < PROCESS_FIELDS; i++) {
		struct expected *one = &expected[i];

		one->length = (size_t)snprintf(one->text, sizeof(one->text),
					       "\"%s\": ",
					       process_fields[i].key);
		assert(one->length < sizeof(one->text));
	}
}

/* The field that is likely to follow, if it does, as it is usually written. */
static bool
take_expected(struct quick *quick, const char *object)
{
	size_t field = quick->next;
	const char *in;

	if (field == PROCESS_FIELDS)
		return false;
	in = process_fields[field].object;
	if ((in == NULL) != (object == NULL) ||
	    strncmp(quick->at, expected[field].text,
		    expected[field].length) != 0 ||
	    (in != NULL && in != object && strcmp(in, object) != 0))
		return false;
	quick->at += expected[field].length;
	quick->next = field + 1;
	see(quick, field);
	take_field(quick, &process_fields[field]);
	return true;
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
		skip_blanks(quick);
		if (!quick->failed && !take_expected(quick, object))
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

	if (expected[0].length == 0)
		expect_fields();
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
