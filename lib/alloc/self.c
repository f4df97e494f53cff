/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "alloc/self.h"

__thread struct pmt_self pmt_self
	__attribute__((tls_model("initial-exec")));
enum pmt_event_mode pmt_event_mode;
