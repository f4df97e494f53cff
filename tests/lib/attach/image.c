/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "attach/image.h"
#include "attach/memory.h"

/* What a dynamic linker needs of a library, and no more. */
struct library {
	ElfW(Ehdr) header;
	ElfW(Phdr) segments[2];
	ElfW(Dyn) dynamic[4];
	ElfW(Sym) symbols[4];
	char strings[32];
	struct {
		uint32_t buckets, offset, bloom, shift;
		uintptr_t filter[1];
		uint32_t bucket[1], chain[3];
	} hash;
};

/* A file plays the memory, and the library begins there. */
enum { START = 4096, VALUE = 0x123 };

static const char names[][8] = { "", "first", "second", "none" };

static uint32_t
hash_of(const char *name)
{
	uint32_t hash = 5381;

	while (*name != '\0')
		hash = hash * 33 + (unsigned char)*name++;
	return hash;
}

/* "first" and "second" are defined, "none" is only used. */
static void
make_names(struct library *library)
{
	size_t at = 1;

	library->hash.buckets = library->hash.bloom = 1;
	library->hash.offset = library->hash.bucket[0] = 1;
	for (size_t i = 1; i < PMT_ARRAY_SIZE(names); i++) {
		library->symbols[i].st_name = (ElfW(Word))at;
		library->symbols[i].st_value = VALUE * i;
		library->symbols[i].st_shndx = i == 3 ? SHN_UNDEF : 1;
		strcpy(library->strings + at, names[i]);
		at += strlen(names[i]) + 1;
		library->hash.chain[i - 1] = (hash_of(names[i]) & ~1u) |
					     (i == 3);
	}
}

/* Addresses in it are offsets, or what glibc makes of them: + BIAS. */
static struct library
make(uint64_t bias)
{
	struct library library = { 0 };

	memcpy(library.header.e_ident, ELFMAG, SELFMAG);
	library.header.e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS64
							       : ELFCLASS32;
	library.header.e_phoff = offsetof(struct library, segments);
	library.header.e_phnum = PMT_ARRAY_SIZE(library.segments);
	library.header.e_phentsize = sizeof(library.segments[0]);
	library.segments[0].p_type = PT_LOAD;
	library.segments[0].p_flags = PF_R | PF_W;
	library.segments[0].p_memsz = sizeof(library);
	library.segments[1].p_type = PT_DYNAMIC;
	library.segments[1].p_vaddr = offsetof(struct library, dynamic);
	library.dynamic[0].d_tag = DT_SYMTAB;
	library.dynamic[0].d_un.d_ptr = bias +
					offsetof(struct library, symbols);
	library.dynamic[1].d_tag = DT_STRTAB;
	library.dynamic[1].d_un.d_ptr = bias +
					offsetof(struct library, strings);
	library.dynamic[2].d_tag = DT_GNU_HASH;
	library.dynamic[2].d_un.d_ptr = bias + offsetof(struct library, hash);
	make_names(&library);
	return library;
}

/* The first SIZE bytes of it. */
static void
put(int memory, const void *library, size_t size)
{
	assert_int_equal(ftruncate(memory, START), 0);
	assert_int_equal(pwrite(memory, library, size, START), size);
}

static void
check_whole(int memory)
{
	struct pmt_image image;

	assert_int_equal(pmt_image_init(&image, memory, START), 0);
	assert_int_equal(image.end, START + sizeof(struct library));
	assert_int_equal(pmt_image_find(&image, "first"), START + VALUE);
	assert_int_equal(pmt_image_find(&image, "second"), START + 2 * VALUE);
	assert_int_equal(pmt_image_find(&image, "none"), 0);
	assert_int_equal(pmt_image_find(&image, "third"), 0);
	assert_int_equal(pmt_image_find(&image, ""), 0);
}

static void
finds_what_it_defines(void **state)
{
	int memory = memfd_create("memory", MFD_CLOEXEC);
	struct library library = make(0);

	(void)state;
	put(memory, &library, sizeof(library));
	check_whole(memory);
	library = make(START);
	put(memory, &library, sizeof(library));
	check_whole(memory);
	close(memory);
}

/* The C library that we have loaded ourselves. */
static void
agrees_with_the_linker(void **state)
{
	static const char *const some[] = { "getpid", "qsort", "environ" };
	int memory = pmt_memory_open(getpid());
	void *address = dlsym(RTLD_DEFAULT, "getpid");
	struct pmt_image image;
	Dl_info info;

	(void)state;
	assert_int_not_equal(dladdr(address, &info), 0);
	assert_int_equal(pmt_image_init(&image, memory,
					(uintptr_t)info.dli_fbase), 0);
	for (size_t i = 0; i < PMT_ARRAY_SIZE(some); i++) {
		void *library = dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD);

		assert_non_null(library);
		assert_int_equal(pmt_image_find(&image, some[i]),
				 (uintptr_t)dlsym(library, some[i]));
		dlclose(library);
	}
	assert_int_equal(pmt_image_find(&image, "pmt_image_find"), 0);
	close(memory);
}

/* A file cut anywhere has a part of its names, or is none. */
static void
may_be_cut(void **state)
{
	int memory = memfd_create("memory", MFD_CLOEXEC);
	struct library library = make(0);
	struct pmt_image image;
	size_t good = 0;

	(void)state;
	for (size_t size = 0; size < sizeof(library); size++) {
		uint64_t found;

		put(memory, &library, size);
		if (pmt_image_init(&image, memory, START) != 0)
			continue;
		good++;
		found = pmt_image_find(&image, "second");
		assert_true(found == 0 || found == START + 2 * VALUE);
		assert_int_equal(pmt_image_find(&image, "none"), 0);
	}
	/* It may miss what it has of names, but not what leads to them. */
	assert_in_range(good, 1, sizeof(library) -
			offsetof(struct library, symbols));
	close(memory);
}

/* Each number of it, one at a time. */
static void
may_be_of_any_numbers(void **state)
{
	static const uint32_t odd[] = { 0, 1, 0x7fffffff, 0x80000000,
					0xfffffff0, 0xffffffff };
	int memory = memfd_create("memory", MFD_CLOEXEC);
	struct library whole = make(0);
	struct pmt_image image;
	uint32_t words[sizeof(whole) / 4];

	(void)state;
	for (size_t i = 0; i < PMT_ARRAY_SIZE(words); i++)
		for (size_t j = 0; j < PMT_ARRAY_SIZE(odd); j++) {
			memcpy(words, &whole, sizeof(words));
			words[i] = odd[j];
			put(memory, words, sizeof(words));
			if (pmt_image_init(&image, memory, START) != 0)
				continue;
			pmt_ignore((int)pmt_image_find(&image, "second"));
			pmt_ignore((int)pmt_image_find(&image, "third"));
		}
	close(memory);
}

static void
chains_have_an_end(void **state)
{
	int memory = memfd_create("memory", MFD_CLOEXEC);
	struct library library = make(0);
	struct pmt_image image;

	(void)state;
	library.hash.chain[2] &= ~1u;
	put(memory, &library, sizeof(library));
	assert_int_equal(ftruncate(memory, 1 << 20), 0);
	assert_int_equal(pmt_image_init(&image, memory, START), 0);
	assert_int_equal(pmt_image_find(&image, "third"), 0);
	assert_int_equal(pmt_image_find(&image, "second"), START + 2 * VALUE);
	close(memory);
}

/* One change that makes it none of ours. */
static void
refuse(int memory, const struct library *library)
{
	struct pmt_image image;

	put(memory, library, sizeof(*library));
	assert_int_equal(pmt_image_init(&image, memory, START), -ENOEXEC);
}

static void
others_are_refused(void **state)
{
	int memory = memfd_create("memory", MFD_CLOEXEC);
	struct library library = make(0);

	(void)state;
	library.header.e_ident[0] = '#';
	refuse(memory, &library);
	library = make(0);
	library.header.e_ident[EI_CLASS] ^= ELFCLASS32 ^ ELFCLASS64;
	refuse(memory, &library);
	library = make(0);
	library.header.e_phnum = 0xffff;
	refuse(memory, &library);
	library = make(0);
	library.header.e_phentsize--;
	refuse(memory, &library);
	library = make(0);
	library.segments[0].p_type = PT_NULL;
	refuse(memory, &library);
	library = make(0);
	library.segments[1].p_type = PT_NULL;
	refuse(memory, &library);
	library = make(0);
	library.dynamic[2].d_tag = DT_HASH;
	refuse(memory, &library);
	close(memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_it_defines),
		cmocka_unit_test(agrees_with_the_linker),
		cmocka_unit_test(may_be_cut),
		cmocka_unit_test(may_be_of_any_numbers),
		cmocka_unit_test(chains_have_an_end),
		cmocka_unit_test(others_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
