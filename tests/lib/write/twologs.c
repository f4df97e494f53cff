/* SPDX-License-Identifier: MIT */
/* twologs - write the same random rows as text, compact, and in a summary. */
#include <config.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/column.h"
#include "report/recorders.h"

enum { NAMES = 700 };

/* As the first row of all our logs. */
static const char signature[] = PACKAGE_STRING ", made up";

static struct pmt_column types[NAMES], files[NAMES], functions[NAMES];

static void
make_name(struct pmt_column *column, int i, size_t width)
{
	static const char *const odd[] = {
		"", " ", "a b", "back\\slash", "new\nline", "\xce\xbb",
		"<frozen importlib._bootstrap>", "\x01\xff",
	};
	char name[3000];
	int n;

	n = snprintf(name, sizeof(name), "%s%0*d", odd[i % 8],
		     i % 50 == 0 ? 2000 : 1, i);
	if (i == 0)
		n = 0;
	if (pmt_column_init(column, name, (size_t)n, width) < 0)
		errx(1, "no memory");
}

static uint64_t
random64(void)
{
	return (uint64_t)random() << 42 ^ (uint64_t)random() << 21 ^
	       (uint64_t)random();
}

/* Mostly small steps, now and then anything. */
static uint64_t
wander(uint64_t value, uint64_t step)
{
	if (random() % 1000 == 0)
		return random64() >> 10;
	if (random() % 3 != 0)
		return value;
	return value + (uint64_t)random() % (2 * step + 1) - step;
}

/* None, here, or for a place; within imports or not. */
static void
next_own(struct pmt_own *own)
{
	static const unsigned int imports[] = {
		0, 0, PMT_OWN_IMPORT, PMT_OWN_IMPORTED,
	};

	*own = (struct pmt_own){ .kind = (unsigned int)random() % 3 };
	if (own->kind == PMT_OWN_CALLER) {
		own->file = &files[random() % 5];
		own->function = &functions[random() % NAMES];
		own->line = (int)(random() % 50);
	}
	own->kind |= imports[random() % 4];
}

static struct pmt_caller list[300];
static struct pmt_callers callers = { .list = list };

/* Some of the callers go, and others come. */
static const struct pmt_callers *
next_callers(void)
{
	static const unsigned int kinds[] = {
		PMT_OWN_NONE, PMT_OWN_HERE, PMT_OWN_IMPORT,
	};
	size_t most = random() % 1000 == 0 ? PMT_ARRAY_SIZE(list) : 20;

	if (callers.count > 0)
		callers.count -= (size_t)random() % (callers.count + 1);
	while (callers.count < most && random() % 4 != 0)
		list[callers.count++] = (struct pmt_caller){
			.file = &files[random() % (random() % 9 ? 5 : NAMES)],
			.function = &functions[random() % NAMES],
			.line = (int)(random() % 50),
			.kind = kinds[random() % 3],
		};
	callers.cut = random() % 50 == 0;
	return random() % 20 == 0 ? NULL : &callers;
}

static void
next_reference(struct pmt_reference_event *event)
{
	event->created = random() % 2;
	event->clock += (uint64_t)random() % (random() % 100 ? 3 : 1000000);
	event->address = wander(event->address, 64) &
			 ((UINT64_C(1) << 47) - 1);
	if (random() % 10)
		event->address &= ~(uintptr_t)15;
	event->live = random() % 10 ? event->live + (event->created ? 1 : -1)
				    : (int64_t)(random64() >> 20);
	event->type = &types[random() % (random() % 2 ? 5 : NAMES)];
	event->place.file = &files[random() % (random() % 2 ? 5 : NAMES)];
	event->place.function = &functions[random() % NAMES];
	event->place.line = (int)(random() % 5000);
	event->d_rss = (int64_t)(event->rss);
	event->rss = wander(event->rss, 4096) >> 1;
	event->d_rss = random() % 10
		? (int64_t)event->rss - event->d_rss
		: (int64_t)random64() >> 8;
	event->thread = (int64_t)wander((uint64_t)event->thread, 2) >> 20;
	event->wall = wander(event->wall, 3) >> 12;
	event->size = wander(event->size, 48) >> 8;
	next_own(&event->own);
	event->callers = next_callers();
}

static void
next_profile(struct pmt_profile_event *event)
{
	/* At one address, one name after the other. */
	static char reused[] = "n0";
	static const char *const callees[] = {
		"append", "a b", "a\\040b", "x", "pop", "append_more", "",
		reused,
	};

	event->d_event = event->event;
	event->event = wander(event->event, 3) >> 8;
	event->d_event = random() % 3 ? event->event - event->d_event
				      : random64() >> 20;
	event->d_event &= (UINT64_C(1) << 40) - 1;
	event->clock += (uint64_t)random() % 3;
	event->what = PMT_WHAT_CALL + random() % 8;
	event->file = &files[random() % 5];
	event->function = &functions[random() % NAMES];
	event->callee = random() % 2 ? NULL : callees[random() % 8];
	reused[1] = (char)('0' + random() % 3);
	event->line = (int)(random() % 100);
	event->rss = wander(event->rss, 4096) >> 1;
	event->d_rss = (int64_t)random64() >> (random() % 60 + 4);
	event->thread = (int64_t)wander((uint64_t)event->thread, 2) >> 20;
	next_own(&event->own);
	event->callers = next_callers();
}

static void
put_note(struct pmt_recorder *log, bool error,
	 const struct pmt_profile_event *numbers, const char *text)
{
	const struct pmt_note note = {
		.error = error,
		.clock = numbers->clock,
		.event = numbers->event,
		.d_event = numbers->d_event,
		.text = text,
		.size = strlen(text),
	};

	pmt_recorder_note(log, &note);
}

static void
write_reference(struct pmt_recorder *log, unsigned int columns, int rows)
{
	struct pmt_reference_event event = { .address = 0x7f0000000000 };

	pmt_recorder_begin(log, 'O', columns, "Two logs\nSOF\nof one run");
	put_note(log, false, &(struct pmt_profile_event){ 0 }, signature);
	for (int i = 0; i < rows; i++) {
		next_reference(&event);
		pmt_recorder_reference(log, &event);
		if (random() % 1000 == 0)
			put_note(log, random() % 2 == 0,
				 &(struct pmt_profile_event){
					 .clock = event.clock },
				 "a\nb \\ c");
	}
	pmt_recorder_end(log);
}

static void
write_profile(struct pmt_recorder *log, unsigned int columns, int rows)
{
	struct pmt_profile_event event = { .rss = 10000000 };

	pmt_recorder_begin(log, 'P', columns, NULL);
	put_note(log, false, &event, signature);
	for (int i = 0; i < rows; i++) {
		next_profile(&event);
		pmt_recorder_profile(log, i == 0 ? PMT_ROW_FRST
						 : PMT_ROW_NEXT + random() % 3,
				     &event);
		if (random() % 1000 == 0)
			put_note(log, random() % 2 == 0, &event, "a\nb \\ c");
	}
	pmt_recorder_end(log);
}

int
main(int argc, char **argv)
{
	unsigned int columns;

	if (argc != 7 && argc != 8)
		errx(2, "usage: twologs SEED O|P COLUMNS ROWS TEXT COMPACT "
		     "[SUMMARY]");
	columns = (unsigned int)atoi(argv[3]);
	for (int i = 0; i < NAMES; i++) {
		make_name(&types[i], i, PMT_TYPE_WIDTH);
		make_name(&files[i], i, PMT_FILE_WIDTH);
		make_name(&functions[i], i, PMT_FUNCTION_WIDTH);
	}
	for (int i = 0; i < argc - 5; i++) {
		enum pmt_encoding encoding = (enum pmt_encoding)i;
		const struct pmt_recorder_options options = { 0 };
		struct pmt_recorder *log;

		srandom((unsigned int)atoi(argv[1]));
		callers.count = 0;
		if (pmt_recorder_of(encoding)(argv[5 + i], &options, &log) < 0)
			err(1, "%s", argv[5 + i]);
		if (argv[2][0] == 'O')
			write_reference(log, columns, atoi(argv[4]));
		else
			write_profile(log, columns, atoi(argv[4]));
		if (pmt_recorder_close(log, NULL) < 0)
			errx(1, "close");
	}
	for (int i = 0; i < NAMES; i++) {
		pmt_column_fini(&types[i]);
		pmt_column_fini(&files[i]);
		pmt_column_fini(&functions[i]);
	}
	return 0;
}
