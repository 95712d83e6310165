/*
 * Three philosophers each take the left fork first, and whoever has a fork keeps the next one
 * waiting for it: sometimes locks up, when each has one.
 */
#include "examples/gallery/forks.h"
#include "examples/gallery/gallery.h"

static int lay_table(struct act_self *self, void *state, struct act_message *init)
{
	gallery_lay_table(self, true);
	return 0;
}

static const struct act_kind table_kind = {.name = "table", .start = lay_table};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &table_kind);
}
