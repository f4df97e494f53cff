/* SPDX-License-Identifier: MIT */
/* Rows of a text log say what printf(3) wrote into them, read either way. */
#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "read/input.h"
#include "read/textheader.h"
#include "read/textquick.h"
#include "read/textrow.h"

static const char references[] =
	"HDR:           Clock          Address    LiveCnt Type     File     "
	"Line Function         RSS    dRSS  Thread  Size Wall";

static char line[512 + PMT_INPUT_SPARE];
static struct pmt_sites *sites;
static struct pmt_header header;

static struct pmt_text
text_of(const char *text)
{
	return (struct pmt_text){ text, strlen(text) };
}

/* Read LINE, which ends in a newline, in the quick way or the other. */
static int
parse(bool quickly, struct pmt_event *event)
{
	struct pmt_namecache names = { 0 };
	struct pmt_text text = text_of(line);
	const char *next;

	text.length--;
	*event = (struct pmt_event){ .row = PMT_ROW_NEW };
	return quickly ? pmt_row_parse_quickly(&header, sites, &names, line,
					       line + strlen(line), event,
					       &next)
		       : pmt_row_parse(&header, sites, text, event);
}

static int64_t
number(void)
{
	int64_t value = (int64_t)random() << 31 | random();

	return (random() % 2 ? 1 : -1) * (value >> random() % 62);
}

/* " SECONDS.FRACTION" with that many DIGITS, cut, not rounded. */
static int
put_seconds(char *to, int64_t ns, int digits)
{
	char fraction[16];

	snprintf(fraction, sizeof(fraction), "%09" PRId64, ns % 1000000000);
	return sprintf(to, " %" PRId64 "%s%.*s", ns / 1000000000,
		       digits == 0 ? "" : ".", digits, fraction);
}

static int64_t
cut(int64_t ns, int digits)
{
	int64_t unit = 1;

	for (int i = digits; i < 9; i++)
		unit *= 10;
	return ns - ns % unit;
}

static void
rows_say_what_was_written(void **state)
{
	struct pmt_event event;

	(void)state;
	srandom(1);
	for (int i = 0; i < 20000; i++) {
		int64_t clock = llabs(number()) / 2, wall = llabs(number()) / 2;
		int64_t live = number(), rss = llabs(number());
		int64_t d_rss = number(), thread = number(), size = number();
		uint64_t address = (uint64_t)number();
		int digits = i % 10, n;

		n = sprintf(line, "NEW: ");
		n += put_seconds(line + n, clock, digits);
		n += sprintf(line + n, " 0x%" PRIx64 " %" PRId64
			     " t%ld f%ld %d g%ld %" PRId64 " %" PRId64
			     " %" PRId64 " %" PRId64, address, live,
			     random() % 3, random() % 3, i, random() % 3, rss,
			     d_rss, thread, size);
		n += put_seconds(line + n, wall, digits);
		strcpy(line + n, "\n");
		for (int quickly = 0; quickly < 2; quickly++) {
			assert_int_equal(parse(quickly != 0, &event), 0);
			assert_int_equal(event.clock, cut(clock, digits));
			assert_int_equal(event.wall, cut(wall, digits));
			assert_true(event.address == address);
			assert_int_equal(event.live, live);
			assert_int_equal(event.rss, rss);
			assert_int_equal(event.d_rss, d_rss);
			assert_int_equal(event.thread, thread);
			assert_int_equal(event.size, size);
			assert_int_equal(event.has, header.has);
		}
	}
}

/* Each a change of a row that can be read. */
static void
rows_that_say_nothing_are_refused(void **state)
{
	static const char *const bad[] = {
		"NEW: 1.1234567890 0x10 1 t f 1 g 1 1 1 1 1\n",
		"NEW: 1. 0x10 1 t f 1 g 1 1 1 1 1\n",
		"NEW: .5 0x10 1 t f 1 g 1 1 1 1 1\n",
		"NEW: -1.5 0x10 1 t f 1 g 1 1 1 1 1\n",
		"NEW: 1,5 0x10 1 t f 1 g 1 1 1 1 1\n",
		"NEW: 9223372036.5 0x10 1 t f 1 g 1 1 1 1 1\n",
		"NEW: 1.5 0x 1 t f 1 g 1 1 1 1 1\n",
		"NEW: 1.5 1x10 1 t f 1 g 1 1 1 1 1\n",
		"NEW: 1.5 0y10 1 t f 1 g 1 1 1 1 1\n",
		"NEW: 1.5 10 1 t f 1 g 1 1 1 1 1\n",
		"NEW: 1.5 0x10 9223372036854775808 t f 1 g 1 1 1 1 1\n",
		"NEW: 1.5 0x10 - t f 1 g 1 1 1 1 1\n",
		"NEW: 1.5 0x10 1 t f 2147483648 g 1 1 1 1 1\n",
		"NEW: 1.5 0x10 1 t f -1 g 1 1 1 1 1\n",
		"NEW: 1.5 0x10 1 t f 1 g -1 1 1 1 1\n",
		"NEW: 1.5 0x10 1 t f 1 g 1 x 1 1 1\n",
		"NEW: 1.5 0x10 1 t f 1 g 1 1 1 1\n",
	};
	static const char *const good[] = {
		"NEW: 9223372035.999999999 0x10 1 t f 1 g 1 1 1 1 1\n",
		"NEW: 1.5 0xffffffffffffffff +1 t f 2147483647 g 0 1 1 1 1\n",
		"NEW: 1.5 0x1 -9223372036854775807 t f 0 g 1 1 1 1 1.0\n",
	};
	struct pmt_event event;

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(bad); i++) {
		strcpy(line, bad[i]);
		assert_int_equal(parse(true, &event), -EAGAIN);
		assert_int_equal(parse(false, &event), -EBADMSG);
	}
	for (size_t i = 0; i < PMT_ARRAY_SIZE(good); i++) {
		strcpy(line, good[i]);
		assert_int_equal(parse(true, &event), 0);
		assert_int_equal(parse(false, &event), 0);
	}
}

static void
headers_name_what_rows_need(void **state)
{
	static const char *const bad[] = {
		"", "HDR", "HDR:", "NEW: Clock File Line Function Address Type",
		"HDR: File Line Function Address Type",
		"HDR: Clock Line Function Address Type",
		"HDR: Clock File Function Address Type",
		"HDR: Clock File Line Address Type",
		"HDR: Clock File Line Function Address",
		"HDR: Clock File Line Function Type",
		"HDR: Clock File Line Function What",
		"HDR: Clock Clock File Line Function Address Type",
	};
	struct pmt_header found = { .count = -7 };
	char many[256] = "HDR: Clock File Line Function Address Type";

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(bad); i++)
		assert_int_equal(pmt_header_parse(text_of(bad[i]), &found),
				 -EBADMSG);
	assert_int_equal(found.count, -7);
	/* What is not known may come, twice too, and is passed over. */
	for (int i = 6; i < PMT_HEADER_COLUMNS; i++) {
		strcat(many, " New");
		assert_int_equal(pmt_header_parse(text_of(many), &found), 0);
		assert_int_equal(found.count, i + 1);
	}
	strcat(many, " New");
	assert_int_equal(pmt_header_parse(text_of(many), &found), -EBADMSG);
	assert_int_equal(found.kind, PMT_LOG_REFERENCE);
	assert_int_equal(pmt_header_parse(text_of(
		"HEDR: Clock File Line Function What RSS \r"), &found), 0);
	assert_int_equal(found.kind, PMT_LOG_PROFILE);
	assert_int_equal(found.count, 6);
}

static int
set_up(void **state)
{
	(void)state;
	sites = pmt_sites_new();
	return sites == NULL ? -1 :
		pmt_header_parse(text_of(references), &header);
}

static int
tear_down(void **state)
{
	(void)state;
	pmt_sites_free(sites);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_say_what_was_written),
		cmocka_unit_test(rows_that_say_nothing_are_refused),
		cmocka_unit_test(headers_name_what_rows_need),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
