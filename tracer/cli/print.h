/*
 * print.h - how the verbs show numbers, times and texts
 */
#ifndef TRACER_CLI_PRINT_H
#define TRACER_CLI_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tracer/model/number.h"

enum trc_color {
	TRC_COLOR_NONE,
	TRC_COLOR_BOLD,
	TRC_COLOR_DIM,
	TRC_COLOR_RED,
	TRC_COLOR_GREEN,
	TRC_COLOR_YELLOW,
	TRC_COLOR_BLUE,
	TRC_COLOR_CYAN,
};

/* Whether `file` gets colours: it is a terminal, NO_COLOR is not set, TERM is not "dumb". */
bool trc_has_color(FILE *file);

/* The escape sequence that starts a colour, or ends all with TRC_COLOR_NONE; "" when `on` is
 * false. */
const char *trc_color(bool on, enum trc_color color);

#endif
