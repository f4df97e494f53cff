/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "top/serve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

#if HAVE_MICROHTTPD

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>

struct top_server {
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock;	/* of text */
	char *text;
};

static struct MHD_Response *
make_response(struct top_server *server, unsigned int *status)
{
	static char nothing[] = "Ask for /metrics.\n";
	struct MHD_Response *response;

	pthread_mutex_lock(&server->lock);
	if (*status == MHD_HTTP_OK && server->text == NULL)
		*status = MHD_HTTP_SERVICE_UNAVAILABLE;
	if (*status == MHD_HTTP_OK)
		response = MHD_create_response_from_buffer(
			strlen(server->text), server->text,
			MHD_RESPMEM_MUST_COPY);
	else
		response = MHD_create_response_from_buffer(
			strlen(nothing), nothing, MHD_RESPMEM_PERSISTENT);
	pthread_mutex_unlock(&server->lock);
	return response;
}

static enum MHD_Result
answer(void *closure, struct MHD_Connection *connection, const char *url,
       const char *method, const char *version, const char *data,
       size_t *data_size, void **state)
{
	unsigned int status = MHD_HTTP_OK;
	struct MHD_Response *response;
	enum MHD_Result result;

	(void)version, (void)data, (void)data_size, (void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
		status = MHD_HTTP_METHOD_NOT_ALLOWED;
	else if (strcmp(url, "/metrics") != 0 && strcmp(url, "/") != 0)
		status = MHD_HTTP_NOT_FOUND;
	response = make_response(closure, &status);
	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				status != MHD_HTTP_OK ? "text/plain" :
				"application/openmetrics-text; version=1.0.0; "
				"charset=utf-8");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

struct top_server *
top_serve(uint16_t port)
{
	struct top_server *server = cli_need(calloc(1, sizeof(*server)));
	struct sockaddr_in here = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	pthread_mutex_init(&server->lock, NULL);
	errno = 0;
	server->daemon = MHD_start_daemon(
		MHD_USE_AUTO_INTERNAL_THREAD, port, NULL, NULL, answer, server,
		MHD_OPTION_SOCK_ADDR, &here, MHD_OPTION_END);
	if (server->daemon == NULL)
		cli_die(CLI_FAILED, errno, "cannot answer at port %d",
			(int)port);
	return server;
}

void
top_server_set(struct top_server *server, char *text)
{
	pthread_mutex_lock(&server->lock);
	free(server->text);
	server->text = text;
	pthread_mutex_unlock(&server->lock);
}

void
top_server_end(struct top_server *server)
{
	if (server == NULL)
		return;
	MHD_stop_daemon(server->daemon);
	pthread_mutex_destroy(&server->lock);
	free(server->text);
	free(server);
}

#else

struct top_server *
top_serve(uint16_t port)
{
	cli_die(CLI_FAILED, 0, "cannot answer at port %d: built without "
		"libmicrohttpd; --openmetrics takes a file", (int)port);
}

void
top_server_set(struct top_server *server, char *text)
{
	(void)server;
	free(text);
}

void
top_server_end(struct top_server *server)
{
	(void)server;
}

#endif
