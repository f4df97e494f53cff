/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fixture.h"
#include "proc/proctree.h"

static int
fresh_fixture(void **state)
{
	int err = fixture_setup(state);

	if (err != 0)
		return err;
	fixture_process(1, "init", 0, 1);
	fixture_process(100, "shell", 1, 10);
	fixture_process(200, "root", 100, 20);
	fixture_process(220, "b", 200, 22);
	fixture_process(210, "a", 200, 21);
	fixture_process(230, "aa", 210, 23);
	fixture_process(50, "wrapped", 230, 99);
	fixture_process(300, "stranger", 100, 30);
	return 0;
}

static struct pmt_procfs *fs;

static struct pmt_proctree *
open_tree(pid_t root, pid_t adopter)
{
	struct pmt_proctree *tree;

	assert_int_equal(pmt_procfs_open(fixture_root, &fs), 0);
	assert_int_equal(pmt_proctree_new(fs, root, adopter, &tree), 0);
	return tree;
}

static void
close_tree(struct pmt_proctree *tree)
{
	pmt_proctree_free(tree);
	pmt_procfs_close(fs);
}

/* Read, and compare with "200:0 210:1 ...", where a "+" is new, "!" adopted. */
static void
expect(struct pmt_proctree *tree, const char *expected)
{
	const struct pmt_proctree_node *nodes;
	char text[512] = "", *p = text;

	assert_int_equal(pmt_proctree_read(tree, 0), 0);
	nodes = pmt_proctree_nodes(tree);
	for (size_t i = 0; i < pmt_proctree_count(tree); i++)
		p += snprintf(p, sizeof(text) - (size_t)(p - text),
			      "%s%d:%u%s%s", i > 0 ? " " : "",
			      (int)nodes[i].now.pid, nodes[i].depth,
			      nodes[i].before == NULL ? "+" : "",
			      nodes[i].adopted ? "!" : "");
	assert_string_equal(text, expected);
}

static void
walks_depth_first(void **state)
{
	struct pmt_proctree *tree = open_tree(200, 0);

	(void)state;
	expect(tree, "200:0+ 210:1+ 230:2+ 50:3+ 220:1+");
	expect(tree, "200:0 210:1 230:2 50:3 220:1");
	close_tree(tree);
}

/* The root ends, and a stranger gets its number: its children stay. */
static void
knows_the_root_by_its_start(void **state)
{
	struct pmt_proctree *tree = open_tree(200, 0);

	(void)state;
	expect(tree, "200:0+ 210:1+ 230:2+ 50:3+ 220:1+");
	fixture_process(200, "stranger", 1, 60);
	fixture_process(210, "a", 1, 21);
	fixture_process(220, "b", 1, 22);
	fixture_process(310, "its child", 200, 61);
	expect(tree, "210:0! 230:1 50:2 220:0!");
	close_tree(tree);
}

static void
notices_births_and_deaths(void **state)
{
	struct pmt_proctree *tree = open_tree(200, 0);

	(void)state;
	expect(tree, "200:0+ 210:1+ 230:2+ 50:3+ 220:1+");
	fixture_remove(220);
	fixture_process(240, "c", 200, 40);
	expect(tree, "200:0 210:1 230:2 50:3 240:1+");
	close_tree(tree);
}

/* The middle one of a double fork ends: its child goes to init, and stays. */
static void
keeps_the_adopted(void **state)
{
	struct pmt_proctree *tree = open_tree(200, 0);

	(void)state;
	expect(tree, "200:0+ 210:1+ 230:2+ 50:3+ 220:1+");
	fixture_remove(210);
	fixture_process(230, "aa", 1, 23);
	fixture_process(231, "later", 230, 50);
	expect(tree, "200:0 220:1 230:0! 50:1 231:1+");
	close_tree(tree);
}

static void
outlives_its_root(void **state)
{
	struct pmt_proctree *tree = open_tree(200, 0);

	(void)state;
	expect(tree, "200:0+ 210:1+ 230:2+ 50:3+ 220:1+");
	fixture_remove(200);
	fixture_process(210, "a", 1, 21);
	fixture_process(220, "b", 1, 22);
	expect(tree, "210:0! 230:1 50:2 220:0!");
	/* Somebody else gets the number of the root. */
	fixture_process(200, "impostor", 100, 77);
	expect(tree, "210:0! 230:1 50:2 220:0!");
	for (int i = 0; i < 2; i++)
		fixture_remove(i == 0 ? 210 : 220);
	fixture_remove(230);
	fixture_remove(50);
	assert_int_equal(pmt_proctree_read(tree, 0), -ESRCH);
	close_tree(tree);
}

static void
detects_reused_pids(void **state)
{
	struct pmt_proctree *tree = open_tree(200, 0);

	(void)state;
	expect(tree, "200:0+ 210:1+ 230:2+ 50:3+ 220:1+");
	fixture_process(220, "another", 200, 88);
	fixture_process(50, "elsewhere", 1, 89);
	expect(tree, "200:0 210:1 230:2 220:1+");
	close_tree(tree);
}

/* Its parent ended while the table was read: known by its old parent. */
static void
takes_children_of_the_just_ended(void **state)
{
	struct pmt_proctree *tree = open_tree(200, 0);

	(void)state;
	expect(tree, "200:0+ 210:1+ 230:2+ 50:3+ 220:1+");
	fixture_remove(220);
	fixture_process(60, "orphan", 220, 90);
	expect(tree, "200:0 210:1 230:2 50:3 60:0+!");
	close_tree(tree);
}

/* Gone between stat and the rest: left out, its children stay. */
static void
leaves_out_the_vanished(void **state)
{
	struct pmt_proctree *tree = open_tree(200, 0);
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/210/statm", fixture_root);
	assert_int_equal(unlink(path), 0);
	expect(tree, "200:0+ 220:1+ 230:0+! 50:1+");
	close_tree(tree);
}

static void
takes_all_children_of_an_adopter(void **state)
{
	struct pmt_proctree *tree = open_tree(200, 100);

	(void)state;
	expect(tree, "200:0+ 210:1+ 230:2+ 50:3+ 220:1+ 300:0+!");
	close_tree(tree);
}

static void
survives_circles(void **state)
{
	struct pmt_proctree *tree;

	(void)state;
	fixture_process(400, "x", 401, 1);
	fixture_process(401, "y", 400, 1);
	fixture_process(402, "z", 402, 1);
	tree = open_tree(200, 0);
	expect(tree, "200:0+ 210:1+ 230:2+ 50:3+ 220:1+");
	close_tree(tree);
}

static void
names_a_missing_root(void **state)
{
	struct pmt_proctree *tree = (void *)state;

	assert_int_equal(pmt_procfs_open(fixture_root, &fs), 0);
	assert_int_equal(pmt_proctree_new(fs, 999, 0, &tree), -ESRCH);
	assert_ptr_equal(tree, (void *)state);
	pmt_proctree_free(NULL);
	pmt_procfs_close(fs);
}

static void
tells_before_from_now(void **state)
{
	struct pmt_proctree *tree = open_tree(200, 0);
	const struct pmt_proctree_node *root;

	(void)state;
	assert_int_equal(pmt_proctree_read(tree, 0), 0);
	fixture_write(200, "statm", "25600 3000 512 4 0 1024 0\n");
	assert_int_equal(pmt_proctree_read(tree, 0), 0);
	root = pmt_proctree_nodes(tree);
	assert_int_equal(root->now.rss, 3000 * fs->page);
	assert_int_equal(root->before->rss, 2560 * fs->page);
	close_tree(tree);
}

/* 500 children of the test, found in the kernel's own table. */
static void
watches_hundreds_alive(void **state)
{
	enum { MANY = 500 };
	static pid_t pids[MANY];
	struct pmt_proctree *tree;
	int ready[2];
	char end;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	for (int i = 0; i < MANY; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			close(ready[1]);
			_exit((int)read(ready[0], &end, 1));
		}
		assert_true(pids[i] > 0);
	}
	assert_int_equal(pmt_procfs_open(NULL, &fs), 0);
	assert_int_equal(pmt_proctree_new(fs, getpid(), 0, &tree), 0);
	for (int round = 0; round < 3; round++) {
		assert_int_equal(pmt_proctree_read(tree, 0), 0);
		assert_int_equal(pmt_proctree_count(tree), MANY + 1);
	}
	close(ready[1]);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
	assert_int_equal(pmt_proctree_read(tree, 0), 0);
	assert_int_equal(pmt_proctree_count(tree), 1);
	close(ready[0]);
	close_tree(tree);
}

int
main(void)
{
#define WITH_FIXTURE(test) \
	cmocka_unit_test_setup_teardown(test, fresh_fixture, fixture_teardown)
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(walks_depth_first),
		WITH_FIXTURE(knows_the_root_by_its_start),
		WITH_FIXTURE(notices_births_and_deaths),
		WITH_FIXTURE(keeps_the_adopted),
		WITH_FIXTURE(outlives_its_root),
		WITH_FIXTURE(detects_reused_pids),
		WITH_FIXTURE(takes_children_of_the_just_ended),
		WITH_FIXTURE(leaves_out_the_vanished),
		WITH_FIXTURE(takes_all_children_of_an_adopter),
		WITH_FIXTURE(survives_circles),
		WITH_FIXTURE(names_a_missing_root),
		WITH_FIXTURE(tells_before_from_now),
		cmocka_unit_test(watches_hundreds_alive),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
