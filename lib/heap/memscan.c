/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "heap/memscan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "heap/room.h"

enum { PAGE = 4096, CHUNK = 1 << 20, PAGES = CHUNK / PAGE };

#define MAPPING_MAX (UINT64_C(64) << 30)

struct scan {
	const uint64_t *inverted;
	uint32_t *found;
	uint64_t lowest, highest;
	uint32_t *slot;		/* number + 1 */
	uint64_t mask;
	int memory, pages;	/* pages: -1, all count as present */
	bool too_large;		/* a mapping was passed over */
	uint64_t *words;	/* CHUNK bytes */
	uint64_t *present;	/* PAGES entries of /proc/self/pagemap */
};

static uint32_t *
slot_of(const struct scan *scan, uint64_t address)
{
	uint64_t i = (address >> 4) * 0x9e3779b97f4a7c15u >> 20 & scan->mask;

	while (scan->slot[i] != 0 &&
	       scan->inverted[scan->slot[i] - 1] != ~address)
		i = (i + 1) & scan->mask;
	return &scan->slot[i];
}

static void
count_word(struct scan *scan, uint64_t word)
{
	uint32_t *slot;

	if (word < scan->lowest || word > scan->highest)
		return;
	slot = slot_of(scan, word);
	if (*slot != 0)
		scan->found[*slot - 1]++;
}

/* Packed structures, as NumPy has them, hold untagged ones at any byte. */
static void
scan_words(struct scan *scan, size_t count)
{
	const char *bytes = (const char *)scan->words;
	uint64_t word;

	for (size_t i = 0; i < count; i++)
		count_word(scan, scan->words[i] & ~(uint64_t)15);
	for (size_t at = 0; at + sizeof(word) < count * sizeof(word); at++) {
		memcpy(&word, bytes + at, sizeof(word));
		if (at % sizeof(word) != 0)
			count_word(scan, word);
	}
}

/* Of /proc/PID/pagemap: the page is in memory or swapped out. */
static bool
is_there(uint64_t entry)
{
	return entry >> 62 != 0;
}

/* Is any page of the LENGTH bytes at START there? */
static bool
any_page(struct scan *scan, uint64_t start, size_t length)
{
	size_t count = length / PAGE;
	ssize_t got;

	if (scan->pages == -1)
		return true;
	got = pread(scan->pages, scan->present, count * 8,
		    (off_t)(start / PAGE * 8));
	if (got != (ssize_t)(count * 8))
		return true;
	for (size_t i = 0; i < count; i++)
		if (is_there(scan->present[i]))
			return true;
	return false;
}

static void
scan_pages(struct scan *scan, uint64_t start, uint64_t end)
{
	for (; start < end; start += CHUNK) {
		size_t length = end - start < CHUNK ? end - start : CHUNK;
		ssize_t got;

		if (!any_page(scan, start, length))
			continue;
		got = pread(scan->memory, scan->words, length, (off_t)start);
		if (got > 0)
			scan_words(scan, (size_t)got / 8);
	}
}

/* All but our own buffer, which holds copies of what was read before. */
static void
scan_range(struct scan *scan, uint64_t start, uint64_t end)
{
	uint64_t buffer = (uint64_t)(uintptr_t)scan->words;

	if (end <= buffer || start >= buffer + CHUNK) {
		scan_pages(scan, start, end);
		return;
	}
	if (start < buffer)
		scan_pages(scan, start, buffer);
	if (end > buffer + CHUNK)
		scan_pages(scan, buffer + CHUNK, end);
}

/* A line of /proc/self/maps: "START-END rw-p ...". */
static void
scan_mapping(struct scan *scan, const char *line)
{
	uint64_t here = (uint64_t)(uintptr_t)__builtin_frame_address(0);
	uint64_t bound[2] = { 0, 0 };

	for (int i = 0; i < 2; i++, line++)
		for (; *line != '-' && *line != ' ' && *line != '\0'; line++)
			bound[i] = bound[i] << 4 |
				   (uint64_t)(*line <= '9' ? *line - '0'
							   : *line - 'a' + 10);
	if (line[0] != 'r' || line[1] != 'w' || line[3] != 'p')
		return;
	/* To ask for each page of terabytes would take minutes. */
	if (bound[1] - bound[0] > MAPPING_MAX) {
		scan->too_large = true;
		return;
	}
	/* Below us the stack is dead: what was there is no reference. */
	if (bound[0] <= here && here < bound[1])
		bound[0] = here & ~(uint64_t)(PAGE - 1);
	scan_range(scan, bound[0], bound[1]);
}

static int
scan_all(struct scan *scan)
{
	char text[8192 + 1];
	size_t used = 0;
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd == -1)
		return -errno;
	while ((got = read(fd, text + used, sizeof(text) - 1 - used)) > 0) {
		char *line = text, *end;

		text[used += (size_t)got] = '\0';
		while ((end = strchr(line, '\n')) != NULL) {
			*end = '\0';
			scan_mapping(scan, line);
			line = end + 1;
		}
		used -= (size_t)(line - text);
		/* No path is that long; but nothing shall overflow. */
		if (used == sizeof(text) - 1)
			used = 0;
		memmove(text, line, used);
	}
	close(fd);
	return got < 0 ? -EIO : 0;
}

static int
fill(struct scan *scan, uint32_t count, struct pmt_room *slots)
{
	uint64_t size = 1024;
	int err;

	while (size < (uint64_t)count * 4)
		size *= 2;
	err = pmt_room_grow(slots, size * sizeof(uint32_t));
	if (err < 0)
		return err;
	scan->slot = slots->start;
	scan->mask = size - 1;
	scan->lowest = UINT64_MAX;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t address = ~scan->inverted[i];

		*slot_of(scan, address) = i + 1;
		scan->found[i] = 0;
		if (address < scan->lowest)
			scan->lowest = address;
		if (address > scan->highest)
			scan->highest = address;
	}
	return 0;
}

int
pmt_memscan(const uint64_t *inverted, uint32_t count, uint32_t *found)
{
	struct scan scan = { .inverted = inverted, .found = found };
	struct pmt_room slots = { NULL, 0 }, buffer = { NULL, 0 };
	int err = fill(&scan, count, &slots);

	if (err == 0)
		err = pmt_room_grow(&buffer, CHUNK + PAGES * 8);
	scan.words = buffer.start;
	scan.present = scan.words + CHUNK / 8;
	scan.memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	scan.pages = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (err == 0 && scan.memory == -1)
		err = -errno;
	if (err == 0)
		err = scan_all(&scan);
	if (err == 0 && scan.too_large)
		err = -E2BIG;
	if (scan.memory != -1)
		close(scan.memory);
	if (scan.pages != -1)
		close(scan.pages);
	pmt_room_free(&slots);
	pmt_room_free(&buffer);
	return err;
}
