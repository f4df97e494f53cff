/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alloc/counters.h"
#include "alloc/doors.h"
#include "alloc/python.h"
#include "alloc/records.h"
#include "base/now.h"
#include "log/logname.h"
#include "log/ownfile.h"

static struct pmt_settings settings;
static char version[32];		/* of Python, "3.13.0" */
static const char *no_names;		/* why, or NULL */
static char base[PATH_MAX];		/* of the log, and of children's */
static uint64_t started, reported, ticked;

enum { BETWEEN_TICKS = 10000000 };	/* ns */

static void
put_text(enum pmt_alloc_more what, const char *text)
{
	uint8_t *p = pmt_put_more(what);

	pmt_sink_commit(pmt_put_name(p, text, strnlen(text, 100)));
}

void
pmt_journal_lack(const char *text)
{
	put_text(PMT_ALLOC_LACKS, text);
	pmt_settings_tell("lacks", text);
}

static void
put_long_text(enum pmt_alloc_more what, const char *text, size_t size)
{
	uint8_t *p = pmt_sink_reserve(PMT_SINK_RECORD + size);

	*p++ = (uint8_t)(PMT_ALLOC_MORE | what << 3);
	pmt_sink_commit(pmt_put_name(p, text, size));
}

void
pmt_journal_memory(const char *text)
{
	put_long_text(PMT_ALLOC_MEMORY, text, strlen(text));
}

void
pmt_journal_message(const char *text, size_t size)
{
	put_long_text(PMT_ALLOC_MESSAGE, text, size);
}

/* KiB, or 0 if /proc does not tell.  Not by stdio, which allocates. */
static uint64_t
resident(void)
{
	char text[64] = "", *pages = text;
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return 0;
	if (read(fd, text, sizeof(text) - 1) > 0)
		(void)strtoull(text, &pages, 10);
	close(fd);
	return strtoull(pages, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) /
	       1024;
}

static void
put_tick(void)
{
	uint8_t *p = pmt_put_more(PMT_ALLOC_TICK);

	ticked = pmt_now(CLOCK_MONOTONIC);
	p = pmt_put_varint(p, (ticked - started) / 1000);
	pmt_sink_commit(pmt_put_varint(p, resident()));
}

void
pmt_journal_tick_if_due(void)
{
	int before = errno;

	if (pmt_now(CLOCK_MONOTONIC) - ticked >= BETWEEN_TICKS)
		put_tick();
	errno = before;
}

void
pmt_journal_mark(enum pmt_alloc_mark mark)
{
	uint8_t *p;

	put_tick();
	p = pmt_put_more(PMT_ALLOC_MARK);
	*p++ = (uint8_t)mark;
	pmt_sink_commit(p);
}

static unsigned int
flags(void)
{
	return (settings.objects ? PMT_ALLOCLOG_OBJECTS : 0) |
	       (settings.native ? PMT_ALLOCLOG_NATIVE : 0) |
	       (settings.sample != 0 ? PMT_ALLOCLOG_SAMPLE : 0) |
	       (settings.summary ? PMT_ALLOCLOG_SUMMARY : 0);
}

/* In the log's first records: what wrote it. */
static void
introduce(void)
{
	uint8_t *p;

	started = reported = pmt_now(CLOCK_MONOTONIC);
	p = pmt_put_more(PMT_ALLOC_PYTHON);
	p = pmt_put_varint(p, no_names != NULL
		? 0 : (uint64_t)pmt_python.layout.version);
	pmt_sink_commit(pmt_put_name(p, version, strlen(version)));
	if (settings.sample != 0) {
		p = pmt_put_more(PMT_ALLOC_RATE);
		pmt_sink_commit(pmt_put_varint(p, settings.sample));
	}
	if (no_names != NULL)
		pmt_journal_lack(no_names);
	if (!pmt_doors_are_used())
		pmt_journal_lack("malloc: an allocator that was there before "
				 "ours is not seen");
}

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* An absolute path, for the program may go elsewhere.  Returns 0 or -errno. */
static int
make_path(const char *given, char path[PATH_MAX])
{
	char here[PATH_MAX];
	int n;

	if (given != NULL && given[0] == '/')
		n = snprintf(path, PATH_MAX, "%s", given);
	else if (getcwd(here, sizeof(here)) == NULL)
		return -errno;
	else
		n = snprintf(path, PATH_MAX, "%s%s%s", here,
			     given == NULL ? "" : "/",
			     given == NULL ? "" : given);
	return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int
open_sink(bool exclusive)
{
	if (settings.summary)
		return pmt_sink_open_memory();
	return pmt_sink_open(exclusive, flags(), settings.message,
			     strlen(settings.message));
}

/* WHERE: the name of the log, or the directory for one with a made-up name. */
static int
open_at(const char *where)
{
	const struct pmt_logname name = {
		.kind = 'A', .version = version,
		.encoding = PMT_ENCODING_COMPACT,
	};
	int err;

	if (!is_directory(where)) {
		snprintf(pmt_sink.path, PATH_MAX, "%s", where);
		return open_sink(false);
	}
	do {
		err = pmt_logname_make(&name, where, pmt_sink.path, PATH_MAX);
		if (err == 0)
			err = open_sink(true);
	} while (err == -EEXIST);
	return err;
}

int
pmt_journal_open(const struct pmt_settings *wanted, const char *lacks)
{
	size_t length = strcspn(pmt_python_version(), " ");
	char text[PATH_MAX + 100];
	int err;

	settings = *wanted;
	pmt_sink.mode = settings.mode;
	no_names = lacks;
	snprintf(version, sizeof(version), "%.*s", (int)length,
		 pmt_python_version());
	err = make_path(settings.output, base);
	if (err == 0)
		err = open_at(base);
	if (err < 0) {
		snprintf(text, sizeof(text), "'%s': %s",
			 settings.output == NULL ? "." : settings.output,
			 strerror(-err));
		pmt_settings_tell("incomplete", text);
		return err;
	}
	pmt_settings_tell(settings.summary ? "summary" : "log", pmt_sink.path);
	introduce();
	return 0;
}

int
pmt_journal_open_child(void)
{
	char path[PATH_MAX];
	int n, err;

	pmt_sink_abandon();
	if (is_directory(base))
		n = snprintf(path, sizeof(path), "%s", base);
	else
		n = snprintf(path, sizeof(path), "%s.%jd", base,
			     (intmax_t)getpid());
	err = n < PATH_MAX ? open_at(path) : -ENAMETOOLONG;
	if (err == 0)
		introduce();
	return err;
}

/* The new summary, buffered; -1 once something went wrong. */
static struct {
	int fd;
	size_t used;
	uint8_t bytes[1 << 14];
} out;

static void
flush_out(void)
{
	for (size_t done = 0; out.fd != -1 && done < out.used;) {
		ssize_t n = write(out.fd, out.bytes + done, out.used - done);

		if (n >= 0) {
			done += (size_t)n;
		} else if (errno != EINTR) {
			close(out.fd);
			out.fd = -1;
		}
	}
	out.used = 0;
}

static void
write_out(const void *bytes, size_t size)
{
	const uint8_t *p = bytes;

	while (size > 0) {
		size_t n = sizeof(out.bytes) - out.used;

		n = n < size ? n : size;
		memcpy(out.bytes + out.used, p, n);
		out.used += n;
		p += n;
		size -= n;
		if (out.used == sizeof(out.bytes))
			flush_out();
	}
}

/* Written beside, then put in the old one's place: never half of one. */
int
pmt_journal_summarize(void)
{
	uint8_t header[PMT_COMPACT_HEADER];
	size_t message = strlen(settings.message);
	unsigned int mode = settings.mode != 0 ? settings.mode : 0600;
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s.new", pmt_sink.path) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (pmt_sink.error != 0)
		return -pmt_sink.error;
	out.fd = pmt_ownfile_renew(path, PMT_COMPACT_MAGIC, 0);
	if (out.fd < 0)
		return out.fd;
	pmt_put_header(header, flags(), message);
	write_out(header, sizeof(header));
	/* So that the next one knows what is left of it after a kill. */
	flush_out();
	write_out(settings.message, message);
	write_out(pmt_sink.begin, (size_t)(pmt_sink.next - pmt_sink.begin));
	pmt_counters_write(write_out);
	flush_out();
	if (out.fd == -1 || fchmod(out.fd, mode) == -1 ||
	    close(out.fd) == -1 || rename(path, pmt_sink.path) == -1) {
		int err = -errno;

		unlink(path);
		return err;
	}
	return 0;
}

/* Every so often; that the disk is full may be over by the next time. */
void
pmt_journal_summarize_if_due(void)
{
	uint64_t now = pmt_now(CLOCK_MONOTONIC);
	int before = errno;

	if (now - reported >= settings.interval) {
		reported = now;
		pmt_ignore(pmt_journal_summarize());
	}
	errno = before;
}
