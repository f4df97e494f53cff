/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "attach/script.h"

#include <errno.h>
#include <string.h>

#include "attach/memory.h"
#include "attach/running.h"

/* What PART of the debugging support has as offset. */
static int
read_offset(const struct pmt_attach *attach, int32_t part, uint64_t *offset)
{
	int err = pmt_peek64(attach, attach->runtime + (uint64_t)part, offset);

	return err == 0 && *offset > 1 << 20 ? -EPROTO : err;
}

/* Where the state of the main thread has the PART of its support. */
static int
find_support(const struct pmt_attach *attach, int32_t part, uint64_t *address)
{
	uint64_t support, offset;
	int err = read_offset(attach, attach->layout->support, &support);

	if (err == 0)
		err = read_offset(attach, part, &offset);
	if (err == 0)
		*address = attach->base[PMT_IN_THREAD] + support + offset;
	return err;
}

int
pmt_script_post(struct pmt_attach *attach, const char *script)
{
	const struct pmt_attach_layout *layout = attach->layout;
	uint64_t enabled, asked, path;
	uint32_t flag = 0;
	int err = read_offset(attach, layout->enabled, &enabled);

	if (strlen(script) >= (size_t)layout->path_size)
		return -ENAMETOOLONG;
	if (err == 0)
		err = pmt_peek32(attach, attach->base[PMT_IN_INTERPRETER] +
			      enabled, &flag);
	if (err == 0 && flag != 1)
		err = flag == 0 ? -ECONNREFUSED : -EPROTO;
	if (err == 0)
		err = find_support(attach, layout->asked, &asked);
	if (err == 0)
		err = find_support(attach, layout->path, &path);
	if (err == 0)
		err = pmt_peek32(attach, asked, &flag);
	if (err == 0 && flag != 0)
		err = flag == 1 ? -EAGAIN : -EPROTO;
	if (err == 0)
		err = pmt_memory_write(attach->memory, path, script,
				       strlen(script) + 1);
	flag = 1;
	if (err == 0)
		err = pmt_memory_write(attach->memory, asked, &flag,
				       sizeof(flag));
	return err == 0 ? pmt_running_break(attach) : err;
}

/* Is the script still to be run? */
static int
read_asked(const struct pmt_attach *attach, uint64_t *address)
{
	uint32_t flag = 0;
	int err = find_support(attach, attach->layout->asked, address);

	if (err == 0)
		err = pmt_peek32(attach, *address, &flag);
	return err != 0 ? err : flag == 1;
}

int
pmt_script_is_asked(const struct pmt_attach *attach)
{
	uint64_t address;

	return read_asked(attach, &address);
}

int
pmt_script_withdraw(const struct pmt_attach *attach)
{
	const uint32_t none = 0;
	uint64_t address = 0;
	int asked = read_asked(attach, &address);

	return asked != 1 ? asked : pmt_memory_write(attach->memory, address,
						     &none, sizeof(none));
}
