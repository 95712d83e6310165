/* A program that traces itself by hand, run without a recorder. Valid C11 and valid C++17. */
#include <tracer/event/trace.h>

#include <stdio.h>

static struct trc_tracee worker;

int main(void)
{
	struct trc_ticket job, question;

	trc_trace_spawn(&worker, "worker", "worker 1", 10);
	trc_trace_begin(&worker);
	job = trc_trace_send(&worker, "Job");
	question = trc_trace_ask_text(&worker, "Question", "%d", 7);
	trc_trace_wait_reply(&question, &worker);
	trc_trace_receive(&job);
	trc_trace_reply(&question, "Answer");
	trc_trace_wake();
	trc_trace_log("%s", "a note");
	trc_trace_done(&job);
	trc_trace_end();
	puts(trc_trace_on() || job.message ? "recorded" : "not recorded");
	return 0;
}
