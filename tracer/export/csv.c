/*
 * A row for each message (RFC 4180), in the order in which they were over; those that never were
 * come last. Times are nanoseconds, empty while not reached. Texts that a spreadsheet would take
 * for a formula begin with an apostrophe.
 */
#include "tracer/export/format.h"

#include <inttypes.h>

static void csv_begin(struct trc_export *export)
{
	fputs("id,type,sender,sender_id,receiver,receiver_id,sent_ns,received_ns,done_ns,"
	      "space_wait_ns,discarded,cause,outcome,replied_ns,replier,reply_type,payload,file,"
	      "line\r\n",
	      export->file);
}

static void write_number(FILE *file, uint64_t number)
{
	fputc(',', file);
	if (number)
		fprintf(file, "%" PRIu64, number);
}

static void write_text(FILE *file, const char *text)
{
	fputc(',', file);
	trc__write_csv(file, text);
}

static void csv_message(struct trc_export *export, const struct trc__export_message *message)
{
	struct trc_site site = trc_model_site(export->model, message->site);
	const struct trc_model *model = export->model;
	FILE *file = export->file;

	fprintf(file, "%" PRIu64, message->id);
	write_text(file, trc_model_type_name(model, message->type));
	write_text(file, trc_model_actor_name(model, message->sender));
	fprintf(file, ",%" PRIu64, message->sender);
	write_text(file, trc_model_actor_name(model, message->receiver));
	fprintf(file, ",%" PRIu64, message->receiver);
	write_number(file, message->sent);
	write_number(file, message->received);
	write_number(file, message->done);
	fprintf(file, ",%" PRIu64 ",%d",
		message->space_since ? message->sent - message->space_since : 0,
		message->discarded);
	write_number(file, message->cause);
	fprintf(file, ",%s", trc__outcome_name(message->outcome));
	write_number(file, message->replied);
	write_text(file, message->replied ? trc_model_actor_name(model, message->replier) : "");
	write_text(file,
		   message->reply_type ? trc_model_type_name(model, message->reply_type) : "");
	write_text(file, message->payload);
	write_text(file, site.line ? site.file : "");
	write_number(file, site.line);
	fputs("\r\n", file);
}

const struct trc_export_format trc__format_csv = {
	.name = "csv",
	.description = "a row for each message",
	.begin = csv_begin,
	.message = csv_message,
};
