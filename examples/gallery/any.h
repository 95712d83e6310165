/*
 * any.h - an actor that asks two others and takes the first answer, for t22 and its control
 */
#ifndef EXAMPLES_GALLERY_ANY_H
#define EXAMPLES_GALLERY_ANY_H

#include "examples/gallery/gallery.h"

/* A, B and C, and their clients. `both`: not only B has one, and asks A for it, but C, too. */
void gallery_ask_any(struct act_self *self, bool both);

#endif
