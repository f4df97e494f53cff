/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "log/sites.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/escape.h"
#include "base/hash.h"
#include "base/hashtext.h"

/* Type, file, function, and the latter two of the own place. */
enum { NAMES = 5 };

/* The names of a site as the log spells them, one after the other. */
struct key {
	char *bytes;
	uint32_t lengths[NAMES];
	uint32_t own_line, own_kind;
};

struct pmt_sites {
	struct pmt_site *sites;
	struct key *keys;
	uint32_t site_count;
	size_t site_room, key_room;
	struct pmt_text *names;
	uint32_t name_count;
	size_t name_room;
	struct pmt_hash by_key, by_name;
	struct pmt_callpaths paths;
	uint64_t seed;		/* no log can be made to collide on purpose */
	char *chunk;		/* text is never freed one by one */
	size_t chunk_left;
	char **chunks;
	size_t chunk_count, chunk_bytes;
};

static char *
keep_bytes(struct pmt_sites *sites, size_t n)
{
	const size_t chunk_size = 1 << 16;
	char *bytes;

	if (n > sites->chunk_left) {
		size_t size = n > chunk_size ? n : chunk_size;
		char **chunks = realloc(sites->chunks, sizeof(*chunks) *
					(sites->chunk_count + 1));

		if (chunks == NULL)
			return NULL;
		sites->chunks = chunks;
		sites->chunk = malloc(size);
		if (sites->chunk == NULL) {
			sites->chunk_left = 0;
			return NULL;
		}
		sites->chunk_left = size;
		chunks[sites->chunk_count++] = sites->chunk;
		sites->chunk_bytes += size;
	}
	bytes = sites->chunk;
	sites->chunk += n;
	sites->chunk_left -= n;
	return bytes;
}

static int
add_name(struct pmt_sites *sites, uint32_t hash, struct pmt_text text,
	 uint32_t *name)
{
	char *bytes;

	if (pmt_hash_reserve(&sites->by_name, sites->name_count) != 0 ||
	    pmt_array_reserve((void **)&sites->names, sizeof(*sites->names),
			      sites->name_count, &sites->name_room) != 0)
		return -ENOMEM;
	bytes = keep_bytes(sites, text.length + 1);
	if (bytes == NULL)
		return -ENOMEM;
	memcpy(bytes, text.bytes, text.length);
	bytes[text.length] = '\0';
	*name = sites->name_count++;
	sites->names[*name] = (struct pmt_text){ bytes, text.length };
	pmt_hash_insert(&sites->by_name, hash, *name);
	return 0;
}

static int
find_name(struct pmt_sites *sites, struct pmt_text text, uint32_t *name)
{
	uint32_t hash = (uint32_t)pmt_hash_text(sites->seed, text);
	uint32_t place = hash, number;

	while ((number = pmt_hash_next(&sites->by_name, hash, &place)) != 0) {
		const struct pmt_text *known = &sites->names[number - 1];

		if (known->length == text.length &&
		    memcmp(known->bytes, text.bytes, text.length) == 0) {
			*name = number - 1;
			return 0;
		}
	}
	return add_name(sites, hash, text, name);
}

static int
find_escaped_name(struct pmt_sites *sites, struct pmt_text text,
		  uint32_t *name)
{
	char *plain;
	int err;

	if (memchr(text.bytes, '\\', text.length) == NULL)
		return find_name(sites, text, name);
	plain = malloc(text.length);
	if (plain == NULL)
		return -ENOMEM;
	text.length = pmt_unescape(text.bytes, text.length, plain);
	text.bytes = plain;
	err = find_name(sites, text, name);
	free(plain);
	return err;
}

static int
make_site(struct pmt_sites *sites, const struct pmt_site_text *text,
	  struct pmt_site *site)
{
	const struct pmt_own_text *own = &text->own;

	*site = (struct pmt_site){
		.line = text->line, .own_file = PMT_NO_PART,
		.own_function = PMT_NO_PART, .own_line = PMT_NO_PART,
		.imports = own->kind & PMT_OWN_IMPORT ? 2 :
			   own->kind & PMT_OWN_IMPORTED ? 1 : 0,
		.path = text->path,
	};
	if (find_escaped_name(sites, text->type, &site->type) != 0 ||
	    find_escaped_name(sites, text->file, &site->file) != 0 ||
	    find_escaped_name(sites, text->function, &site->function) != 0)
		return -ENOMEM;
	if (pmt_own_is_caller(own->kind)) {
		site->own_line = own->line;
		return find_escaped_name(sites, own->file, &site->own_file) |
		       find_escaped_name(sites, own->function,
					 &site->own_function);
	}
	if (own->kind & PMT_OWN_HERE) {
		site->own_file = site->file;
		site->own_function = site->function;
		site->own_line = site->line;
	}
	return 0;
}

static int
add_site(struct pmt_sites *sites, uint32_t hash,
	 const struct pmt_site_text *text, const struct pmt_text names[NAMES])
{
	size_t total = 0;
	struct pmt_site site;
	struct key key = {
		.own_line = text->own.line, .own_kind = text->own.kind,
	};
	char *to;

	if (pmt_hash_reserve(&sites->by_key, sites->site_count) != 0 ||
	    pmt_array_reserve((void **)&sites->keys, sizeof(*sites->keys),
			      sites->site_count, &sites->key_room) != 0 ||
	    pmt_array_reserve((void **)&sites->sites, sizeof(*sites->sites),
			      sites->site_count, &sites->site_room) != 0 ||
	    make_site(sites, text, &site) != 0)
		return -ENOMEM;
	for (int i = 0; i < NAMES; i++)
		total += names[i].length;
	key.bytes = to = keep_bytes(sites, total);
	if (to == NULL)
		return -ENOMEM;
	for (int i = 0; i < NAMES; i++) {
		if (names[i].length > 0)
			memcpy(to, names[i].bytes, names[i].length);
		to += names[i].length;
		key.lengths[i] = (uint32_t)names[i].length;
	}
	sites->keys[sites->site_count] = key;
	sites->sites[sites->site_count] = site;
	pmt_hash_insert(&sites->by_key, hash, sites->site_count++);
	return 0;
}

static bool
is_site(const struct pmt_sites *sites, uint32_t number,
	const struct pmt_site_text *text, const struct pmt_text names[NAMES])
{
	const struct key *key = &sites->keys[number];
	const char *bytes = key->bytes;

	if (sites->sites[number].line != text->line ||
	    sites->sites[number].path != text->path ||
	    key->own_line != text->own.line || key->own_kind != text->own.kind)
		return false;
	for (int i = 0; i < NAMES; i++) {
		if (key->lengths[i] != names[i].length ||
		    (names[i].length > 0 &&
		     memcmp(bytes, names[i].bytes, names[i].length) != 0))
			return false;
		bytes += key->lengths[i];
	}
	return true;
}

int
pmt_sites_find(struct pmt_sites *sites, const struct pmt_site_text *text,
	       uint32_t *site)
{
	const struct pmt_own_text *own = &text->own;
	const struct pmt_text names[NAMES] = {
		text->type, text->file, text->function, own->file,
		own->function,
	};
	uint64_t wide = sites->seed ^ (uint64_t)text->line << 17 ^
			(uint64_t)own->line << 40 ^ own->kind ^
			text->path * 0x9e3779b97f4a7c15u;
	uint32_t hash, place, number;
	int err;

	for (int i = 0; i < (pmt_own_is_caller(own->kind) ? NAMES : 3); i++)
		wide = pmt_hash_text(wide, names[i]);
	hash = place = (uint32_t)wide;
	while ((number = pmt_hash_next(&sites->by_key, hash, &place)) != 0) {
		if (is_site(sites, number - 1, text, names)) {
			*site = number - 1;
			return 0;
		}
	}
	err = add_site(sites, hash, text, names);
	if (err == 0)
		*site = sites->site_count - 1;
	return err;
}

struct pmt_sites *
pmt_sites_new(void)
{
	const struct pmt_text empty = { "", 0 };
	struct pmt_sites *sites = calloc(1, sizeof(*sites));
	uint32_t name;

	if (sites == NULL)
		return NULL;
	sites->seed = (uintptr_t)sites ^ (uint64_t)time(NULL) << 32;
	if (pmt_hash_init(&sites->by_key) != 0 ||
	    pmt_hash_init(&sites->by_name) != 0 ||
	    find_name(sites, empty, &name) != 0) {
		pmt_sites_free(sites);
		return NULL;
	}
	return sites;
}

void
pmt_sites_free(struct pmt_sites *sites)
{
	if (sites == NULL)
		return;
	for (size_t i = 0; i < sites->chunk_count; i++)
		free(sites->chunks[i]);
	free(sites->chunks);
	free(sites->sites);
	free(sites->keys);
	free(sites->names);
	pmt_hash_fini(&sites->by_key);
	pmt_hash_fini(&sites->by_name);
	pmt_callpaths_fini(&sites->paths);
	free(sites);
}

static size_t
table_memory(const struct pmt_hash *table)
{
	return table->slots == NULL ? 0 : ((size_t)table->mask + 1) *
					  sizeof(*table->slots);
}

size_t
pmt_sites_memory(const struct pmt_sites *sites)
{
	return sizeof(*sites) + sites->chunk_bytes +
	       sites->site_room * (sizeof(*sites->sites) +
				   sizeof(*sites->keys)) +
	       sites->name_room * sizeof(*sites->names) +
	       table_memory(&sites->by_key) + table_memory(&sites->by_name) +
	       sites->paths.room * sizeof(*sites->paths.calls) +
	       table_memory(&sites->paths.by_call);
}

bool
pmt_sites_imports_once(const struct pmt_sites *sites, uint32_t imports,
		       uint32_t own_function)
{
	return imports == 2 && own_function != PMT_NO_PART &&
	       strcmp(pmt_sites_name(sites, own_function).bytes,
		      "<module>") == 0;
}

int
pmt_sites_add_path(struct pmt_sites *sites, uint32_t caller, uint32_t site,
		   uint32_t *path)
{
	return pmt_callpaths_add(&sites->paths, caller, site, path);
}

const struct pmt_callpaths *
pmt_sites_callpaths(const struct pmt_sites *sites)
{
	return &sites->paths;
}

uint32_t
pmt_sites_count(const struct pmt_sites *sites)
{
	return sites->site_count;
}

const struct pmt_site *
pmt_sites_get(const struct pmt_sites *sites, uint32_t site)
{
	return &sites->sites[site];
}

uint32_t
pmt_sites_names(const struct pmt_sites *sites)
{
	return sites->name_count;
}

struct pmt_text
pmt_sites_name(const struct pmt_sites *sites, uint32_t name)
{
	return sites->names[name];
}
