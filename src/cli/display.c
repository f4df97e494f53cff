/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli/display.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios saved;
static bool keyboard;

static void
note_resize(int signal)
{
	(void)signal;		/* it interrupts the wait, that is all */
}

void
cli_display_begin(void)
{
	struct sigaction resize = { .sa_handler = note_resize };
	struct termios raw;

	keyboard = tcgetattr(STDIN_FILENO, &saved) == 0 &&
		   tcgetpgrp(STDIN_FILENO) == getpgrp();
	if (keyboard) {
		raw = saved;
		raw.c_lflag &= (tcflag_t)~(ICANON | ECHO);
		raw.c_cc[VMIN] = 0;
		raw.c_cc[VTIME] = 0;
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	}
	sigemptyset(&resize.sa_mask);
	sigaction(SIGWINCH, &resize, NULL);
	/* The other screen, no cursor, long lines cut. */
	fputs("\033[?1049h\033[?25l\033[?7l", stdout);
	fflush(stdout);
	atexit(cli_display_end);
}

void
cli_display_end(void)
{
	static bool ended;

	if (ended)
		return;
	ended = true;
	fputs("\033[?7h\033[?25h\033[?1049l", stdout);
	fflush(stdout);
	if (keyboard)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
}

int
cli_display_keys(void)
{
	return keyboard ? STDIN_FILENO : -1;
}

size_t
cli_display_read(char *keys, size_t size)
{
	ssize_t n = read(STDIN_FILENO, keys, size);

	if (n < 0)
		keyboard = false;	/* hung up; no key at all is 0 */
	return n < 0 ? 0 : (size_t)n;
}

int
cli_display_lines(void)
{
	struct winsize size = { 0 };

	/* A serial line, or a container's terminal, does not know its size. */
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1 || size.ws_row == 0)
		return 24;
	return size.ws_row;
}

void
cli_display_show(const char *text)
{
	int lines = cli_display_lines();
	const char *line, *end;

	fputs("\033[H", stdout);
	/* Line by line, each one cleared to its end. */
	for (line = text; lines > 0 && *line != '\0'; line = end + 1, lines--) {
		end = strchr(line, '\n');
		printf("%.*s\033[K%s", (int)(end - line), line,
		       lines > 1 ? "\r\n" : "");
	}
	fputs("\033[J", stdout);
	fflush(stdout);
}
