/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "attach/image.h"

#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "attach/memory.h"

/* What we read is anybody's: no loop without an end. */
enum { SEGMENTS_MAX = 64, ENTRIES_MAX = 256, CHAIN_MAX = 4096 };

#define CLASS (sizeof(uintptr_t) == 8 ? ELFCLASS64 : ELFCLASS32)

/* glibc makes addresses of what the file has as offsets; others do not. */
static uint64_t
loaded(const struct pmt_image *image, uint64_t address)
{
	return address < image->start ? address + image->bias : address;
}

static int
read_dynamic(struct pmt_image *image, uint64_t address)
{
	ElfW(Dyn) one;

	for (int i = 0; i < ENTRIES_MAX; i++) {
		int err = pmt_memory_read(image->memory,
					  address + (uint64_t)i * sizeof(one),
					  &one, sizeof(one));

		if (err != 0)
			return err;
		if (one.d_tag == DT_NULL)
			break;
		if (one.d_tag == DT_SYMTAB)
			image->symbols = loaded(image, one.d_un.d_ptr);
		else if (one.d_tag == DT_STRTAB)
			image->strings = loaded(image, one.d_un.d_ptr);
		else if (one.d_tag == DT_GNU_HASH)
			image->hash = loaded(image, one.d_un.d_ptr);
	}
	return image->symbols != 0 && image->strings != 0 && image->hash != 0
		       ? 0 : -ENOEXEC;
}

static int
read_segments(struct pmt_image *image, const ElfW(Ehdr) *header)
{
	ElfW(Phdr) segments[SEGMENTS_MAX];
	uint64_t dynamic = 0;
	bool first = true;
	int err;

	if (header->e_phnum > SEGMENTS_MAX ||
	    header->e_phentsize != sizeof(segments[0]))
		return -ENOEXEC;
	err = pmt_memory_read(image->memory, image->start + header->e_phoff,
			      segments, header->e_phnum * sizeof(segments[0]));
	if (err != 0)
		return err;
	for (int i = 0; i < header->e_phnum; i++) {
		const ElfW(Phdr) *one = &segments[i];

		if (one->p_type == PT_DYNAMIC)
			dynamic = one->p_vaddr;
		if (one->p_type != PT_LOAD)
			continue;
		if (first)
			image->bias = image->start -
				      (one->p_vaddr - one->p_offset);
		first = false;
		if (one->p_flags & PF_W)
			image->end = image->bias + one->p_vaddr + one->p_memsz;
	}
	return first || dynamic == 0 ? -ENOEXEC
				     : read_dynamic(image,
						    image->bias + dynamic);
}

int
pmt_image_init(struct pmt_image *image, int memory, uint64_t start)
{
	ElfW(Ehdr) header;
	int err = pmt_memory_read(memory, start, &header, sizeof(header));

	if (err != 0)
		return err;
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != CLASS)
		return -ENOEXEC;
	*image = (struct pmt_image){ .memory = memory, .start = start };
	return read_segments(image, &header);
}

static bool
is_called(const struct pmt_image *image, const ElfW(Sym) *symbol,
	  const char *name)
{
	char text[64];
	size_t size = strlen(name) + 1;

	return size <= sizeof(text) && symbol->st_shndx != SHN_UNDEF &&
	       pmt_memory_read(image->memory, image->strings + symbol->st_name,
			       text, size) == 0 &&
	       memcmp(text, name, size) == 0;
}

/* The chains of the table that the dynamic linker looks in. */
uint64_t
pmt_image_find(const struct pmt_image *image, const char *name)
{
	struct { uint32_t buckets, offset, bloom, shift; } table;
	uint32_t hash = 5381, index, link;
	uint64_t buckets, chains;
	ElfW(Sym) symbol;

	for (const char *c = name; *c != '\0'; c++)
		hash = hash * 33 + (unsigned char)*c;
	if (pmt_memory_read(image->memory, image->hash, &table,
			    sizeof(table)) != 0 || table.buckets == 0)
		return 0;
	buckets = image->hash + sizeof(table) +
		  (uint64_t)table.bloom * sizeof(uintptr_t);
	chains = buckets + (uint64_t)table.buckets * sizeof(link);
	if (pmt_memory_read(image->memory, buckets + sizeof(index) *
			    (uint64_t)(hash % table.buckets), &index,
			    sizeof(index)) != 0 || index < table.offset)
		return 0;
	for (int i = 0; i < CHAIN_MAX; i++, index++) {
		if (pmt_memory_read(image->memory, chains + sizeof(link) *
				    (uint64_t)(index - table.offset), &link,
				    sizeof(link)) != 0)
			return 0;
		if ((link | 1) == (hash | 1) &&
		    pmt_memory_read(image->memory, image->symbols +
				    (uint64_t)index * sizeof(symbol), &symbol,
				    sizeof(symbol)) == 0 &&
		    is_called(image, &symbol, name))
			return image->bias + symbol.st_value;
		if (link & 1)
			return 0;
	}
	return 0;
}
