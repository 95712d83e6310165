/*
 * lane-model.h - the timeline's rows as a list model; its items exist only while somebody looks
 */
#ifndef VIEWER_LANE_MODEL_H
#define VIEWER_LANE_MODEL_H

#include "viewer/session.h"

#include <gio/gio.h>

#define TRV_TYPE_LANE (trv_lane_get_type())
G_DECLARE_FINAL_TYPE(TrvLane, trv_lane, TRV, LANE, GObject)

const struct trv_row *trv_lane_row(TrvLane *lane); /* a copy */

#define TRV_TYPE_LANE_MODEL (trv_lane_model_get_type())
G_DECLARE_FINAL_TYPE(TrvLaneModel, trv_lane_model, TRV, LANE_MODEL, GObject)

/* Of TrvLane; follows the session. */
TrvLaneModel *trv_lane_model_new(TrvSession *session);

#endif
