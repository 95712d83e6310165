/*
 * As t21, but the last philosopher takes the right fork first: never locks up.
 */
#include "examples/gallery/forks.h"
#include "examples/gallery/gallery.h"

static int lay_table(struct act_self *self, void *state, struct act_message *init)
{
	gallery_lay_table(self, false);
	return 0;
}

static const struct act_kind table_kind = {.name = "table", .start = lay_table};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &table_kind);
}
