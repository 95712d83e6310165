/*
 * random-events.h - events as nobody would write them
 */
#ifndef TESTS_SUPPORT_RANDOM_EVENTS_H
#define TESTS_SUPPORT_RANDOM_EVENTS_H

#include "tracer/event/event.h"

/* An event by lot (rand()): few different numbers, so that they often mean each other. Its payload
 * is in `payload`, which has `size` bytes. */
struct trc_event random_event(uint8_t *payload, size_t size);

#endif
