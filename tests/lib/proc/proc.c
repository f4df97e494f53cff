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
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fixture.h"
#include "proc/proc.h"

#define MIB ((uint64_t)1 << 20)
#define MS ((uint64_t)1000000)

static struct pmt_procfs *
open_fixture(void)
{
	struct pmt_procfs *fs;

	assert_int_equal(pmt_procfs_open(fixture_root, &fs), 0);
	assert_false(fs->kernel);
	return fs;
}

static struct pmt_procfs *
open_live(void)
{
	struct pmt_procfs *fs;

	assert_int_equal(pmt_procfs_open(NULL, &fs), 0);
	assert_true(fs->kernel);
	return fs;
}

static void
reads_stat_and_statm(void **state)
{
	struct pmt_procfs *fs = open_fixture();
	struct pmt_proc proc;

	(void)state;
	fixture_process(42, "python3", 7, 12345);
	assert_int_equal(pmt_proc_read(fs, 42, 0, &proc), 0);
	assert_int_equal(proc.pid, 42);
	assert_int_equal(proc.ppid, 7);
	assert_string_equal(proc.name, "python3");
	assert_int_equal(proc.state, 'S');
	assert_int_equal(proc.start, 12345 * fs->tick);
	assert_int_equal(proc.minor_faults, 1000);
	assert_int_equal(proc.major_faults, 30);
	assert_int_equal(proc.user, 150 * fs->tick);
	assert_int_equal(proc.system, 250 * fs->tick);
	assert_int_equal(proc.children_user, 350 * fs->tick);
	assert_int_equal(proc.children_system, 450 * fs->tick);
	assert_int_equal(proc.iowait, 500 * fs->tick);
	assert_int_equal(proc.threads, 3);
	assert_int_equal(proc.vms, 25600 * fs->page);
	assert_int_equal(proc.rss, 2560 * fs->page);
	assert_int_equal(proc.shared, 512 * fs->page);
	assert_int_equal(proc.text, 4 * fs->page);
	assert_int_equal(proc.data, 1024 * fs->page);
	assert_int_equal(proc.have | proc.denied, 0);
	pmt_procfs_close(fs);
}

static void
takes_any_name(void **state)
{
	static const char *const names[] = {
		"a b", "a) S 1 (b", "(sd-pam)", "new\nline",
		"\303\251t\303\251",
		"", "kworker/u8:3-events_unbound_that_is_long",
	};
	struct pmt_procfs *fs = open_fixture();
	struct pmt_proc proc;

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(names); i++) {
		fixture_process(42, names[i], 7, 1);
		assert_int_equal(pmt_proc_read(fs, 42, 0, &proc), 0);
		assert_string_equal(proc.name, names[i]);
		assert_int_equal(proc.ppid, 7);
	}
	pmt_procfs_close(fs);
}

static void
refuses_nonsense(void **state)
{
	static const char *const texts[] = {
		"", "42", "42 (name", "42 (name)", "42 (name) S",
		"42 (name) S 1 2 3", "42 )name( S 1 2 3",
		"42 (name) S a b c d e f g h i j k l m n o p q r s t u v w",
	};
	struct pmt_procfs *fs = open_fixture();
	struct pmt_proc proc = { .pid = -1 };

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(texts); i++) {
		fixture_write(42, "stat", texts[i]);
		assert_int_equal(pmt_proc_read(fs, 42, 0, &proc), -EBADMSG);
		assert_int_equal(proc.pid, -1);
	}
	assert_int_equal(pmt_proc_read(fs, 43, 0, &proc), -ESRCH);
	assert_int_equal(proc.pid, -1);
	pmt_procfs_close(fs);
}

static void
reads_groups(void **state)
{
	const unsigned want = PMT_PROC_STATUS | PMT_PROC_PSS | PMT_PROC_IO;
	struct pmt_procfs *fs = open_fixture();
	struct pmt_proc proc;

	(void)state;
	fixture_process(42, "x", 7, 1);
	fixture_write(42, "status", "Name:\tx\nVmHWM:\t    2048 kB\n"
		      "VmSwap:\t       8 kB\nvoluntary_ctxt_switches:\t11\n"
		      "nonvoluntary_ctxt_switches:\t22\n");
	fixture_write(42, "smaps_rollup",
		      "0-1 ---p 00000000 00:00 0   [rollup]\n"
		      "Rss:    100 kB\nPss:     60 kB\nPss_Dirty: 1 kB\n"
		      "Private_Clean: 16 kB\nPrivate_Dirty: 32 kB\n"
		      "Private_Hugetlb: 2048 kB\nSwap: 8 kB\nSwapPss: 4 kB\n");
	fixture_write(42, "io", "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\n"
		      "read_bytes: 5\nwrite_bytes: 6\n"
		      "cancelled_write_bytes: 7\n");
	assert_int_equal(pmt_proc_read(fs, 42, want, &proc), 0);
	assert_int_equal(proc.have, want);
	assert_int_equal(proc.denied, 0);
	assert_int_equal(proc.peak, 2 * MIB);
	assert_int_equal(proc.swap, 8 * 1024);
	assert_int_equal(proc.voluntary_switches, 11);
	assert_int_equal(proc.involuntary_switches, 22);
	assert_int_equal(proc.pss, 60 * 1024);
	assert_int_equal(proc.uss, (16 + 32 + 2048) * 1024);
	assert_int_equal(proc.swap_pss, 4 * 1024);
	assert_int_equal(proc.read_chars, 1);
	assert_int_equal(proc.write_chars, 2);
	assert_int_equal(proc.read_calls, 3);
	assert_int_equal(proc.write_calls, 4);
	assert_int_equal(proc.read_bytes, 5);
	assert_int_equal(proc.write_bytes, 6);
	pmt_procfs_close(fs);
}

/* A zombie has no pages, no descriptors: nothing, which is not "denied". */
static void
tells_absent_from_denied(void **state)
{
	const unsigned want = PMT_PROC_PSS | PMT_PROC_IO | PMT_PROC_FDS;
	struct pmt_procfs *fs = open_fixture();
	struct pmt_proc proc;

	(void)state;
	fixture_process(42, "x", 7, 1);
	fixture_write(42, "smaps_rollup", "");
	assert_int_equal(pmt_proc_read(fs, 42, want, &proc), 0);
	assert_int_equal(proc.have | proc.denied, 0);
	pmt_procfs_close(fs);
}

/* Another user's process: memory is told, what ptrace(2) guards is not. */
static void
marks_denied_groups(void **state)
{
	const unsigned want = PMT_PROC_STATUS | PMT_PROC_PSS | PMT_PROC_IO |
			      PMT_PROC_FILES;
	int status;
	pid_t child, target = getpid();

	(void)state;
	if (geteuid() != 0) {
		if (access("/proc/1/fd", R_OK) == 0)
			skip();		/* nobody else's process is here */
		target = 1;
	}
	child = fork();
	if (child == 0) {
		struct pmt_procfs *fs;
		struct pmt_proc proc;

		if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
			_exit(2);
		if (pmt_procfs_open(NULL, &fs) != 0 ||
		    pmt_proc_read(fs, target, want, &proc) != 0)
			_exit(3);
		if (proc.have != PMT_PROC_STATUS ||
		    proc.denied != (want & ~(unsigned)PMT_PROC_STATUS))
			_exit(4);
		_exit(proc.rss > 0 ? 0 : 5);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
sees_touched_memory(void **state)
{
	const unsigned want = PMT_PROC_STATUS | PMT_PROC_PSS;
	struct pmt_procfs *fs = open_live();
	const size_t size = 100 * MIB;
	struct pmt_proc before, after;
	volatile char *block;

	(void)state;
	block = mmap(NULL, size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal((void *)(uintptr_t)block, MAP_FAILED);
	/* Twice: the first one maps the code that reads. */
	for (int i = 0; i < 2; i++)
		assert_int_equal(pmt_proc_read(fs, getpid(), want, &before), 0);
	for (size_t i = 0; i < size; i += fs->page)
		block[i] = 1;
	assert_int_equal(pmt_proc_read(fs, getpid(), want, &after), 0);
	/* Some pages more: the stack, and what AddressSanitizer notes. */
	assert_in_range(after.rss - before.rss, size, size + 16 * fs->page);
	/* Our share of the C library changes as others start and end. */
	assert_in_range(after.pss - before.pss, size - MIB, size + MIB);
	assert_in_range(after.uss - before.uss, size - MIB, size + MIB);
	assert_true(after.peak >= after.rss);
	assert_true(after.minor_faults > before.minor_faults);
	munmap((void *)(uintptr_t)block, size);
	pmt_procfs_close(fs);
}

static void
agrees_with_getrusage(void **state)
{
	struct pmt_procfs *fs = open_live();
	struct pmt_proc proc;
	struct rusage usage;

	(void)state;
	assert_int_equal(pmt_proc_read(fs, getpid(), PMT_PROC_STATUS, &proc),
			 0);
	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	assert_in_range(usage.ru_minflt - (long)proc.minor_faults, 0, 64);
	assert_int_equal(usage.ru_majflt, proc.major_faults);
	assert_in_range(usage.ru_nvcsw - (long)proc.voluntary_switches, 0, 2);
	assert_int_equal(proc.ppid, getppid());
	assert_true(pmt_proc_age(&proc) < (uint64_t)600 * 1000 * MS);
	pmt_procfs_close(fs);
}

static void
counts_what_is_open(void **state)
{
	const unsigned want = PMT_PROC_FDS | PMT_PROC_FILES | PMT_PROC_NET;
	struct pmt_procfs *fs = open_live();
	struct sockaddr_in any = { .sin_family = AF_INET };
	struct pmt_proc before, after, only;
	int pipes[2], udp, tcp, local;
	FILE *file;

	(void)state;
	assert_int_equal(pmt_proc_read(fs, getpid(), want, &before), 0);
	assert_int_equal(pipe(pipes), 0);
	udp = socket(AF_INET, SOCK_DGRAM, 0);
	tcp = socket(AF_INET, SOCK_STREAM, 0);
	local = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(udp, (void *)&any, sizeof(any)), 0);
	assert_int_equal(listen(tcp, 1), 0);
	file = tmpfile();
	assert_non_null(file);

	/* The table of sockets is kept until it is forgotten. */
	pmt_procfs_close(fs);
	fs = open_live();
	assert_int_equal(pmt_proc_read(fs, getpid(), want, &after), 0);
	assert_int_equal(pmt_proc_read(fs, getpid(), PMT_PROC_FDS, &only), 0);
	assert_int_equal(after.have, want);
	assert_int_equal(after.files - before.files, 1);
	assert_int_equal(after.sockets - before.sockets, 2);
	assert_int_equal(after.fds - before.fds, 6);
	/* The listing sees the descriptor it lists with. */
	assert_in_range(after.fds - only.fds, 0, 1);
	fclose(file);
	close(local);
	close(tcp);
	close(udp);
	close(pipes[0]);
	close(pipes[1]);
	pmt_procfs_close(fs);
}

static void
notices_zombies_and_the_gone(void **state)
{
	const unsigned want = PMT_PROC_STATUS | PMT_PROC_PSS | PMT_PROC_FDS;
	struct pmt_procfs *fs = open_live();
	struct pmt_proc proc;
	char arguments[64];
	siginfo_t info;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(pmt_proc_read(fs, pid, want, &proc), 0);
	assert_int_equal(proc.state, 'Z');
	assert_string_equal(pmt_proc_state_name(proc.state), "zombie");
	assert_int_equal(proc.rss, 0);
	assert_int_equal(proc.have & PMT_PROC_PSS, 0);
	assert_int_equal(proc.denied, 0);
	assert_int_equal(pmt_proc_cmdline(fs, pid, arguments,
					  sizeof(arguments)), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(pmt_proc_read(fs, pid, want, &proc), -ESRCH);
	pmt_procfs_close(fs);
}

/* Its number may be somebody else's: the open files know better. */
static void
keeps_files_open(void **state)
{
	const unsigned want = PMT_PROC_STATUS | PMT_PROC_IO;
	struct pmt_procfs *fs = open_live();
	struct pmt_proc proc, again;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		pause();
		_exit(0);
	}
	assert_int_equal(pmt_proc_read(fs, pid, want, &proc), 0);
	pmt_procfs_keep(fs, pid);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pmt_proc_read(fs, pid, want, &again), 0);
		assert_int_equal(again.have, want);
		assert_int_equal(again.start, proc.start);
		assert_int_equal(again.vms, proc.vms);
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(pmt_proc_read(fs, pid, want, &proc), -ESRCH);
	/* Others are read as ever. */
	assert_int_equal(pmt_proc_read(fs, getpid(), want, &proc), 0);
	pmt_procfs_close(fs);
}

static void
names_a_missing_root(void **state)
{
	struct pmt_procfs *fs = (void *)state;

	assert_int_equal(pmt_procfs_open("/nowhere", &fs), -ENOENT);
	assert_int_equal(pmt_procfs_open("/dev/null", &fs), -ENOTDIR);
	assert_ptr_equal(fs, (void *)state);
	pmt_procfs_close(NULL);
}

int
main(void)
{
#define WITH_FIXTURE(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(reads_stat_and_statm),
		WITH_FIXTURE(takes_any_name),
		WITH_FIXTURE(refuses_nonsense),
		WITH_FIXTURE(reads_groups),
		WITH_FIXTURE(tells_absent_from_denied),
		cmocka_unit_test(marks_denied_groups),
		cmocka_unit_test(sees_touched_memory),
		cmocka_unit_test(agrees_with_getrusage),
		cmocka_unit_test(counts_what_is_open),
		cmocka_unit_test(notices_zombies_and_the_gone),
		cmocka_unit_test(keeps_files_open),
		cmocka_unit_test(names_a_missing_root),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
