/*
 * forks.h - three philosophers and the forks between them, for t21 and its control
 *
 * A fork answers who asks for it when it is free, and keeps the question of whoever asks for it
 * meanwhile. Each philosopher thinks, takes one fork, then the other, and puts both down; twice.
 */
#ifndef EXAMPLES_GALLERY_FORKS_H
#define EXAMPLES_GALLERY_FORKS_H

#include <act/act.h>

/* `naive`: each takes the left fork first; else the last one takes the right one. */
void gallery_lay_table(struct act_self *self, bool naive);

#endif
