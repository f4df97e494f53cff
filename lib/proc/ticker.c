/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "proc/ticker.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static struct timespec
timespec_of(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / 1000000000),
		.tv_nsec = (long)(ns % 1000000000),
	};
}

int
pmt_ticker_open(uint64_t interval, struct pmt_ticker *ticker)
{
	struct itimerspec when = {
		.it_value = timespec_of(interval),
		.it_interval = timespec_of(interval),
	};
	sigset_t all;
	int err, timer = timerfd_create(CLOCK_MONOTONIC,
					TFD_CLOEXEC | TFD_NONBLOCK);

	if (timer == -1)
		return -errno;
	if (timerfd_settime(timer, 0, &when, NULL) == -1) {
		err = errno;
		close(timer);
		return -err;
	}
	ticker->timer = timer;
	/* Faults of our own must not wait. */
	sigfillset(&all);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGFPE);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGABRT);
	sigprocmask(SIG_BLOCK, &all, &ticker->outside);
	return 0;
}

int64_t
pmt_ticker_wait(const struct pmt_ticker *ticker, struct pollfd *more,
		size_t count)
{
	struct pollfd fds[5] = {
		{ .fd = ticker->timer, .events = POLLIN },
	};
	uint64_t ticks;
	ssize_t n;

	if (count >= PMT_ARRAY_SIZE(fds))
		return -EINVAL;
	if (count > 0)
		memcpy(fds + 1, more, count * sizeof(*more));
	if (ppoll(fds, 1 + count, NULL, &ticker->outside) == -1)
		return errno == EINTR ? 0 : -errno;
	if (count > 0)
		memcpy(more, fds + 1, count * sizeof(*more));
	if (fds[0].revents == 0)
		return 0;
	/* timerfd_create(2): the expirations since the last read. */
	n = read(ticker->timer, &ticks, sizeof(ticks));
	if (n == -1)
		return errno == EAGAIN ? 0 : -errno;
	return n == sizeof(ticks) ? (int64_t)ticks : -EIO;
}

void
pmt_ticker_close(struct pmt_ticker *ticker)
{
	close(ticker->timer);
	sigprocmask(SIG_SETMASK, &ticker->outside, NULL);
}
