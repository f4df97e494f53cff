/* SPDX-License-Identifier: MIT */
/* serve.h - an exposition for whoever asks at a port of this machine. */
#ifndef PMT_TOP_SERVE_H
#define PMT_TOP_SERVE_H

#include <stdint.h>

struct top_server;

/*
 * Answer at PORT of 127.0.0.1, in a thread, to GET of /metrics and of /.  Ends
 * the program with a message if that cannot be.
 */
struct top_server *top_serve(uint16_t port);

/* From now on TEXT is what it answers; it is the server's. */
void top_server_set(struct top_server *server, char *text);

/* NULL is allowed. */
void top_server_end(struct top_server *server);

#endif
