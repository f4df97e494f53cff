/* SPDX-License-Identifier: MIT */
/* pmt-tree: which of a process and its descendants grows, when, by how much? */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/now.h"
#include "cli/cli.h"
#include "cli/commandline.h"
#include "cli/display.h"
#include "cli/watched.h"
#include "proc/proctree.h"
#include "proc/ticker.h"
#include "tree/classic.h"
#include "tree/columns.h"
#include "tree/json.h"
#include "tree/options.h"
#include "tree/text.h"
#include "tree/top.h"

/* What a run holds. */
struct run {
	struct tree_arguments arguments;
	struct pmt_procfs *fs;
	struct pmt_proctree *tree;
	struct watched watched;
	struct tree_format format;
	struct tree_sample sample;
	struct tree_json *json;
	struct tree_classic *classic;	/* NULL: our own rows */
	struct pmt_proc root;	/* as it was at the start, for its age */
	uint64_t read;		/* when the last sample was, monotonic */
	char *command_line;
};

static void
print_sample(struct run *run)
{
	struct pmt_proctree_node *nodes;
	struct tree_sample sorted = run->sample;
	char headline[512];

	if (run->arguments.top) {
		snprintf(headline, sizeof(headline), "%s", run->command_line);
		tree_top_draw(&run->format, &run->sample, run->arguments.order,
			      headline);
		return;
	}
	if (run->classic != NULL) {
		tree_classic_sample(stdout, run->classic, &run->sample);
	} else {
		nodes = tree_sorted(&run->sample, run->arguments.order);
		sorted.nodes = nodes;
		tree_print_sample(stdout, &run->format, &sorted);
		free(nodes);
	}
	/* Once a sample, so that a pipe shows it when it is there. */
	if (fflush(stdout) != 0)
		exit(CLI_FAILED);
}

/*
 * Zombies that nobody waits for stay for ever, and nothing of theirs changes.
 * With threads left a process only looks like one: its first thread ended.
 */
static bool
somebody_lives(const struct tree_sample *sample)
{
	for (size_t i = 0; i < sample->count; i++) {
		const struct pmt_proc *proc = &sample->nodes[i].now;

		if (strchr("ZX", proc->state) == NULL || proc->threads > 1)
			return true;
	}
	return false;
}

/* Returns false when nobody is left, or will be. */
static bool
take_sample(struct run *run, bool show)
{
	uint64_t now = pmt_now(CLOCK_MONOTONIC);
	int err = pmt_proctree_read(run->tree,
				    tree_groups(run->arguments.columns));

	if (err == -ESRCH)
		return false;
	if (err != 0)
		cli_die(CLI_FAILED, err, "cannot read the processes");
	run->sample.nodes = pmt_proctree_nodes(run->tree);
	run->sample.count = pmt_proctree_count(run->tree);
	run->sample.elapsed = run->read != 0 ? now - run->read : 0;
	run->sample.age = (double)pmt_proc_age(&run->root) / 1e9;
	run->read = now;
	tree_sum(&run->sample);
	if (show)
		print_sample(run);
	else if (run->classic != NULL)
		tree_classic_sample(NULL, run->classic, &run->sample);
	if (show && run->json != NULL)
		tree_json_write(run->json, run->fs, &run->sample);
	return run->watched.ours || somebody_lives(&run->sample);
}

static void
sample_until_done(struct run *run, const struct pmt_ticker *ticker)
{
	const struct tree_arguments *arguments = &run->arguments;
	uint64_t end = pmt_now(CLOCK_MONOTONIC) + arguments->watched.duration;
	uint64_t shown = 0;
	int64_t ticks = 1;
	bool show = !arguments->omit_first;
	int keys = arguments->top ? cli_display_keys() : -1;

	for (;;) {
		watched_reap(&run->watched);
		if (cli_stopped() &&
		    !watched_lives_on(&run->watched, cli_stopped()))
			break;
		if (ticks > 0) {
			if (!take_sample(run, show))
				break;
			shown += show;
			show = true;
		}
		if (watched_enough(&arguments->watched, shown, end))
			break;
		ticks = watched_wait(&run->watched, ticker, keys);
		if (keys != -1 && ticks == 0) {
			if (!tree_top_key(&run->arguments.order))
				break;
			keys = cli_display_keys();
			if (run->sample.count > 0)
				print_sample(run);
		}
	}
}

static void
find_root(struct run *run)
{
	pid_t pid = run->watched.pid;
	pid_t adopter = run->watched.ours ? getpid() : 0;
	int err = pmt_proctree_new(run->fs, pid, adopter, &run->tree);

	if (err == 0)
		err = pmt_proc_read_stat(run->fs, pid, &run->root);
	if (err != 0)
		watched_die(&run->watched, err);
	run->command_line = cli_command_line(run->fs, &run->root);
	if (run->command_line == NULL)
		cli_die(CLI_FAILED, ENOMEM, "%d", (int)pid);
}

static void
begin_output(struct run *run)
{
	const struct tree_arguments *arguments = &run->arguments;

	run->format = (struct tree_format){
		.fs = run->fs,
		.options = arguments->columns,
		.separator = arguments->csv ? "," : arguments->separator,
		.raw = arguments->csv,
		.bare = arguments->classic,
		.colour = !arguments->csv && cli_colour(stdout),
	};
	run->sample.options = arguments->columns;
	if (arguments->json != NULL)
		run->json = tree_json_open(arguments->json);
	if (arguments->top) {
		cli_display_begin();
		return;
	}
	if (arguments->classic)
		run->classic = tree_classic_new(&run->format);
	if (!arguments->csv) {
		printf("CMD: %s\n", run->command_line);
		if (!arguments->classic &&
		    (arguments->columns & TREE_USS) == 0)
			puts("TOTAL of RSS counts a shared page once a "
			     "process; PSS (-u) counts it once.");
	}
	if (run->classic != NULL)
		tree_classic_titles(stdout, run->classic);
	else
		tree_print_titles(stdout, &run->format);
}

/* In pymemtrace's words. */
static void
say_goodbye(const struct run *run)
{
	if (cli_stopped())
		puts("KeyboardInterrupt!");
	else if (!run->watched.ours && !somebody_lives(&run->sample))
		printf("Parent process %d is not running.\n",
		       (int)run->watched.pid);
	puts("Bye, bye!");
}

int
main(int argc, char **argv)
{
	struct run run = { 0 };
	struct pmt_ticker ticker;

	cli_start("pmt-tree");
	tree_parse_options(argc, argv, &run.arguments);
	cli_catch_signals();
	run.fs = watched_procfs_open();
	watched_ticker_open(&run.arguments.watched, &ticker);

	if (run.arguments.watched.command != NULL) {
		/* So that whoever loses its parent comes to us. */
		prctl(PR_SET_CHILD_SUBREAPER, 1);
		watched_start(&run.watched, run.arguments.watched.command,
			     &ticker.outside);
	} else {
		watched_attach(&run.watched, run.arguments.watched.pid);
	}
	find_root(&run);
	begin_output(&run);
	sample_until_done(&run, &ticker);

	if (run.arguments.top)
		cli_display_end();
	if (run.classic != NULL)
		say_goodbye(&run);
	tree_classic_free(run.classic);
	tree_json_close(run.json);
	pmt_proctree_free(run.tree);
	free(run.command_line);
	pmt_procfs_close(run.fs);
	pmt_ticker_close(&ticker);
	return cli_finish(watched_status(&run.watched));
}
