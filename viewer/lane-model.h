/*
 * lane-model.h - the session's lanes as a list model; its items exist only while somebody looks
 */
#ifndef VIEWER_LANE_MODEL_H
#define VIEWER_LANE_MODEL_H

#include "viewer/session.h"

#include <gio/gio.h>

#define TRV_TYPE_LANE (trv_lane_get_type())
G_DECLARE_FINAL_TYPE(TrvLane, trv_lane, TRV, LANE, GObject)

uint64_t trv_lane_actor(TrvLane *lane);

#define TRV_TYPE_LANE_MODEL (trv_lane_model_get_type())
G_DECLARE_FINAL_TYPE(TrvLaneModel, trv_lane_model, TRV, LANE_MODEL, GObject)

/* Of TrvLane; follows the session. */
TrvLaneModel *trv_lane_model_new(TrvSession *session);

#endif
