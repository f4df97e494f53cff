/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/refusal.h"
#include "run/target.h"
#include "run/waiting.h"

/* The linker gives us what asks for time, and for a CPython: --wrap. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_ppoll(struct pollfd *files, nfds_t count,
		 const struct timespec *timeout, const sigset_t *signals);
int __wrap_pmt_attach_post(struct pmt_attach *attach, const char *code,
			   const char *script);
int __wrap_pmt_attach_is_taken(struct pmt_attach *attach);
int __wrap_pmt_attach_withdraw(struct pmt_attach *attach);
void __wrap_pmt_attach_wake(struct pmt_attach *attach);
void __wrap_pmt_attach_settle(struct pmt_attach *attach);
void __wrap_pmt_attach_clear(struct pmt_attach *attach);

#define SECOND INT64_C(1000000000)

/* A program that takes what is posted so much later. */
static struct {
	int64_t now, posted, delay;
	int64_t dies, interrupted;	/* when, or 0 */
	int posts, withdrawn;
	int agains;			/* that often it asks to be asked */
	int refusals;			/* that often it cannot be posted to */
	bool answered;
	char script[64];		/* which it reads when it begins */
	bool more;			/* there was more in it by then */
	int told;			/* that often it was told of */
	uint64_t wait;			/* of the target */
} program;

static struct run_board board;

int
__wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	(void)clock;
	*time = (struct timespec){ program.now / SECOND, program.now % SECOND };
	return 0;
}

/* Time goes by here alone. */
int
__wrap_ppoll(struct pollfd *files, nfds_t count,
	     const struct timespec *timeout, const sigset_t *signals)
{
	(void)signals;
	assert_int_equal(count, 2);
	program.now += timeout->tv_sec * SECOND + timeout->tv_nsec;
	files[0].revents = program.dies != 0 && program.now >= program.dies;
	files[1].revents = program.interrupted != 0 &&
			   program.now >= program.interrupted;
	return files[0].revents || files[1].revents;
}

int
__wrap_pmt_attach_post(struct pmt_attach *attach, const char *code,
		       const char *script)
{
	(void)attach;
	assert_non_null(strstr(code, script));
	if (program.refusals-- > 0)
		return -EAGAIN;
	program.posts++;
	snprintf(program.script, sizeof(program.script), "%s", script);
	program.posted = program.now;
	program.answered = false;
	return 0;
}

static bool
is_more_asked(void)
{
	char text[64] = "";
	FILE *file = fopen(program.script, "r");

	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	return strstr(text, "more") != NULL;
}

static void
write_entry(const char *key)
{
	char entry[32];
	int length = sprintf(entry, "7 %s=", key);

	assert_int_equal(write(board.fd, entry, (size_t)length + 1),
			 length + 1);
}

int
__wrap_pmt_attach_is_taken(struct pmt_attach *attach)
{
	(void)attach;
	if (program.delay < 0 || program.now < program.posted + program.delay)
		return 0;
	if (!program.answered)
		program.more = is_more_asked();
	if (!program.answered && program.agains-- > 0)
		write_entry("again");
	if (!program.answered)
		write_entry("answer");
	program.answered = true;
	return 1;
}

int
__wrap_pmt_attach_withdraw(struct pmt_attach *attach)
{
	(void)attach;
	program.withdrawn++;
	return 0;
}

void
__wrap_pmt_attach_wake(struct pmt_attach *attach)
{
	(void)attach;
}

void
__wrap_pmt_attach_settle(struct pmt_attach *attach)
{
	(void)attach;
}

void
__wrap_pmt_attach_clear(struct pmt_attach *attach)
{
	(void)attach;
}

/* Of src/run/refusal.c, which none of this gets to. */
void
run_refusal_explain(pid_t process, const struct pmt_attach *attach, int err,
		    const char *package)
{
	(void)process;
	(void)attach;
	(void)err;
	(void)package;
	fail();
}

const char *
run_waiting_describe(pid_t pid, char text[RUN_WAITING_TEXT])
{
	(void)pid;
	(void)text;
	fail();
	return NULL;
}

void
run_waiting_tell(pid_t pid, bool posted, uint64_t limit)
{
	assert_int_equal(pid, getpid());
	assert_int_equal(posted, program.posts > 0);
	assert_int_equal(limit, program.wait);
	program.told++;
}

/* Tell one to do something that takes DELAY to do so, after AGAINS tries. */
static int
tell(int64_t delay, int agains)
{
	char directory[] = "/tmp/pmt-telling-XXXXXX";
	struct run_target target = {
		.pid = getpid(), .pidfd = -1, .signals = -1, .board = &board,
		.directory = directory, .wait = program.wait,
		.if_idle = "more",
	};
	int err;

	program.delay = delay;
	program.agains = agains;
	assert_non_null(mkdtemp(directory));
	assert_int_equal(run_board_open(&board), 0);
	err = run_target_do(&target, "pass");
	/* Nothing is left there. */
	assert_int_equal(rmdir(directory), 0);
	run_board_close(&board);
	return err;
}

static int
reset(void **state)
{
	(void)state;
	memset(&program, 0, sizeof(program));
	program.now = SECOND;
	program.wait = 10 * SECOND;
	return 0;
}

static void
answers_at_once(void **state)
{
	(void)state;
	assert_int_equal(tell(0, 0), 0);
	assert_int_equal(program.posts, 1);
	assert_int_equal(program.withdrawn, 0);
	assert_int_equal(program.told, 0);
	assert_false(program.more);
}

/* It need not be waited for twice. */
static void
idle_ones_do_more(void **state)
{
	(void)state;
	assert_int_equal(tell(3 * SECOND, 0), 0);
	assert_int_equal(program.posts, 1);
	assert_int_equal(program.told, 1);
	assert_true(program.more);
}

static void
any_time_may_be_given(void **state)
{
	(void)state;
	program.wait = 0;
	assert_int_equal(tell(1000 * SECOND, 0), 0);
	assert_int_equal(program.told, 1);
}

/* Each answer shows that it gets there. */
static void
slow_ones_are_asked_again(void **state)
{
	(void)state;
	assert_int_equal(tell(4 * SECOND, 3), 0);
	assert_int_equal(program.posts, 4);
	assert_int_equal(program.withdrawn, 0);
}

static void
slow_ones_have_an_end(void **state)
{
	(void)state;
	assert_int_equal(tell(4 * SECOND, 1000), -ETIMEDOUT);
	assert_in_range(program.posts, 10, 11);
}

/* One that is always in an import. */
static void
quick_ones_have_ten_seconds(void **state)
{
	(void)state;
	assert_int_equal(tell(0, 100000), -ETIMEDOUT);
	assert_in_range(program.now, 11 * SECOND, 12 * SECOND);
}

static void
who_does_not_begin_is_let_be(void **state)
{
	(void)state;
	assert_int_equal(tell(-1, 0), -ETIMEDOUT);
	assert_in_range(program.now, 11 * SECOND, 12 * SECOND);
	assert_int_equal(program.withdrawn, 1);
}

static void
who_starts_is_waited_for(void **state)
{
	(void)state;
	program.refusals = 1000;
	assert_int_equal(tell(0, 0), 0);
	assert_int_equal(program.posts, 1);
	program.refusals = 100000;
	program.posts = 0;
	assert_int_equal(tell(0, 0), -ETIMEDOUT);
	assert_int_equal(program.posts, 0);
	assert_int_equal(program.told, 1);
}

static void
who_dies_is_not_waited_for(void **state)
{
	(void)state;
	program.dies = 3 * SECOND;
	assert_int_equal(tell(-1, 0), -ESRCH);
	assert_in_range(program.now, 3 * SECOND, 4 * SECOND);
}

static void
is_given_up_when_asked_to(void **state)
{
	(void)state;
	program.interrupted = 3 * SECOND;
	assert_int_equal(tell(-1, 0), -EINTR);
	assert_int_equal(program.withdrawn, 1);
	assert_in_range(program.now, 3 * SECOND, 4 * SECOND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(answers_at_once, reset),
		cmocka_unit_test_setup(idle_ones_do_more, reset),
		cmocka_unit_test_setup(any_time_may_be_given, reset),
		cmocka_unit_test_setup(slow_ones_are_asked_again, reset),
		cmocka_unit_test_setup(slow_ones_have_an_end, reset),
		cmocka_unit_test_setup(quick_ones_have_ten_seconds, reset),
		cmocka_unit_test_setup(who_does_not_begin_is_let_be, reset),
		cmocka_unit_test_setup(who_starts_is_waited_for, reset),
		cmocka_unit_test_setup(who_dies_is_not_waited_for, reset),
		cmocka_unit_test_setup(is_given_up_when_asked_to, reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
