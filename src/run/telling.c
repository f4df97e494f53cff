/* SPDX-License-Identifier: MIT */
/* telling.c - have a program that runs do something, and wait for that. */
#include <config.h>

#include "run/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/now.h"
#include "cli/cli.h"
#include "run/settings.h"
#include "run/waiting.h"

#define MS INT64_C(1000000)
/* It begins at once, unless it waits: after a while we say so. */
#define PATIENCE (2000 * MS)
/* A program that starts has loaded its libraries by then. */
#define NO_ROOM (10000 * MS)
/* Who asks to be asked again may do that so often if it is slow. */
enum { TIMES = 10 };
/* Its answer may take a collection. */
#define ANSWERS (120000 * MS)
#define WAKE (200 * MS)

/* What a CPython from 3.14 on reads. */
static int
write_script(const char *path, const char *code)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
				    O_NOFOLLOW, 0600);
	size_t length = strlen(code);
	int err = 0;

	if (fd == -1)
		return -errno;
	if (write(fd, code, length) != (ssize_t)length)
		err = -EIO;
	close(fd);
	return err;
}

static int
give_script(struct run_target *target, const char *path, const char *code)
{
	struct stat status;
	int err = write_script(path, code);

	if (err == 0 && stat(target->directory, &status) == 0 &&
	    status.st_uid != geteuid() &&
	    chown(path, status.st_uid, status.st_gid) == -1)
		err = -errno;
	return err;
}

/* Text that nothing is raised from. */
static char *
make_safe(const char *code)
{
	char *safe;

	if (asprintf(&safe, "try:%s\nexcept:0\n", code) == -1)
		cli_die(RUN_FAILED, ENOMEM, "giving up");
	return safe;
}

/*
 * Who was idle for so long may be so again: what is left to do shall not wait
 * for that, too.  SCRIPT is read when it begins.
 */
static void
give_more(struct run_target *target, const char *script)
{
	char *next = run_target_file(target, "next.py");
	char *safe = make_safe(target->if_idle);

	if (give_script(target, next, safe) != 0 || rename(next, script) == -1)
		unlink(next);
	free(safe);
	free(next);
}

/* Is there an end to waiting, and has it come? */
static bool
is_over(const struct run_target *target, uint64_t begin)
{
	return target->wait != 0 &&
	       pmt_now(CLOCK_MONOTONIC) - begin > target->wait;
}

/* Whoever looks on may think that we do nothing. */
static bool
tell_wait(struct run_target *target, bool posted, uint64_t begin)
{
	if (target->told || pmt_now(CLOCK_MONOTONIC) - begin < PATIENCE)
		return false;
	target->told = true;
	run_waiting_tell(target->pid, posted, target->wait);
	return true;
}

/* It may start, end, or be busy with other pending calls for a while. */
static int
post(struct run_target *target, const char *code, const char *script,
     uint64_t begin)
{
	int err, stopped;

	for (;;) {
		err = pmt_attach_post(&target->attach, code, script);
		/* Libraries that leave room may still be to come. */
		if (err != -EAGAIN && err != -EBUSY && err != -ENOSPC)
			return err;
		if (is_over(target, begin) ||
		    (err == -ENOSPC &&
		     pmt_now(CLOCK_MONOTONIC) - begin > NO_ROOM))
			return err == -ENOSPC ? err : -ETIMEDOUT;
		pmt_ignore(tell_wait(target, false, begin));
		stopped = run_target_wait(target, 2 * MS);
		if (stopped != 0)
			return stopped;
	}
}

/* Take it back, unless it is taken just now.  Returns WHY, or 0. */
static int
withdraw(struct run_target *target, int why)
{
	int err;

	for (int i = 0; i < 1000; i++) {
		err = pmt_attach_withdraw(&target->attach);
		if (err != -EAGAIN && err != -EBUSY)
			break;
		usleep(1000);
	}
	if (err == 0)
		pmt_attach_clear(&target->attach);
	return err == 1 ? 0 : err == 0 ? why : err;
}

/* Wait until it has begun. */
static int
see_begin(struct run_target *target, const char *script, uint64_t begin)
{
	uint64_t woken = begin, now;
	int64_t pause = MS / 5;
	int taken, stopped;

	for (;;) {
		taken = pmt_attach_is_taken(&target->attach);
		if (taken != 0)
			return taken < 0 ? -ESRCH : 0;
		stopped = run_target_wait(target, pause);
		now = pmt_now(CLOCK_MONOTONIC);
		if (stopped == -ESRCH)
			return stopped;
		if (stopped != 0 || is_over(target, begin))
			return withdraw(target, stopped != 0 ? stopped
							     : -ETIMEDOUT);
		if (tell_wait(target, true, begin) && target->if_idle != NULL)
			give_more(target, script);
		if (now - woken > WAKE) {
			pmt_attach_wake(&target->attach);
			woken = now;
			pause = 10 * MS;
		}
	}
}

static int
see_answer(struct run_target *target, uint64_t begin)
{
	int64_t pause = MS / 5;
	int err, stopped = 0;

	for (;;) {
		err = run_board_read(target->board);
		if (err != 0)
			return err;
		if (run_board_count(target->board, "answer") > target->answers)
			break;
		if (stopped == -ESRCH)
			return stopped;
		if (pmt_now(CLOCK_MONOTONIC) - begin > ANSWERS)
			return -EPROTO;
		/* It has begun: to be asked to stop is no reason to leave. */
		stopped = run_target_wait(target, pause);
		if (pause > 20 * MS)
			pmt_attach_settle(&target->attach);
		else
			pause *= 2;
	}
	target->answers++;
	pmt_attach_clear(&target->attach);
	return 0;
}

/* Returns 1 if it asks to be asked again, 0 or -errno. */
static int
ask(struct run_target *target, const char *code, const char *script)
{
	uint64_t begin = pmt_now(CLOCK_MONOTONIC);
	int err = post(target, code, script + target->prefix, begin);
	size_t again;

	if (err == 0)
		err = see_begin(target, script, begin);
	if (err == 0)
		err = see_answer(target, begin);
	if (err != 0)
		return err;
	again = run_board_count(target->board, "again");
	if (again == target->again) {
		target->begun = true;
		return 0;
	}
	target->again = again;
	return 1;
}

/* Until it does not ask for that any more.  Returns 0 or -errno. */
static int
ask_again_and_again(struct run_target *target, const char *code,
		    const char *script)
{
	uint64_t begin = pmt_now(CLOCK_MONOTONIC);
	int64_t pause = 5 * MS;
	int err = 0;

	for (int asked = 1; err == 0; asked++) {
		err = ask(target, code, script);
		if (err != 1)
			return err;
		if (asked >= TIMES && is_over(target, begin))
			return -ETIMEDOUT;
		err = run_target_wait(target, pause);
		if (pause < 50 * MS)
			pause *= 2;
	}
	return err;
}

/*
 * There is little room for text: it reads the rest from SCRIPT.  Whatever
 * happens, nothing is raised and no name is left.
 */
static const char reader[] =
	"try:__import__('builtins').exec('import posix as p\\n"
	"d=p.open(F,524288)\\n"
	"c=p.read(d,99999)\\n"
	"p.close(d)\\n"
	"exec(c,{})',{'F':b'%s'})\n"
	"except:0\n";

int
run_target_do(struct run_target *target, const char *code)
{
	char *script = run_target_file(target, "script.py"), *text;
	char *safe = make_safe(code);
	int err;

	if (asprintf(&text, reader, script + target->prefix) == -1)
		cli_die(RUN_FAILED, ENOMEM, "giving up");
	target->told = false;
	err = give_script(target, script, safe);
	if (err == 0)
		err = ask_again_and_again(target, text, script);
	unlink(script);
	free(script);
	free(safe);
	free(text);
	return err;
}
