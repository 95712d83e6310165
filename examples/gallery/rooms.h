/*
 * rooms.h - a member that asks its room, and a room that asks its member, for t23 and its control
 */
#ifndef EXAMPLES_GALLERY_ROOMS_H
#define EXAMPLES_GALLERY_ROOMS_H

#include "examples/gallery/gallery.h"

/* Member 1 asks room A, room B asks member 2. `acquainted`: room A knows member 1, too. */
void gallery_cross(struct act_self *self, bool acquainted);

#endif
