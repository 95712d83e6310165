#include "viewer/lane-model.h"

struct _TrvLane {
	GObject parent_instance;

	struct trv_row row;
};

G_DEFINE_FINAL_TYPE(TrvLane, trv_lane, G_TYPE_OBJECT)

static void trv_lane_class_init(TrvLaneClass *class)
{
}

static void trv_lane_init(TrvLane *lane)
{
}

const struct trv_row *trv_lane_row(TrvLane *lane)
{
	return &lane->row;
}

struct _TrvLaneModel {
	GObject parent_instance;

	TrvSession *session;
	guint count; /* as last told */
};

static GType get_item_type(GListModel *model)
{
	return TRV_TYPE_LANE;
}

static guint get_n_items(GListModel *model)
{
	return TRV_LANE_MODEL(model)->count;
}

static gpointer get_item(GListModel *model, guint position)
{
	TrvLaneModel *lanes = TRV_LANE_MODEL(model);
	TrvLane *lane;

	if (position >= lanes->count)
		return NULL;
	lane = g_object_new(TRV_TYPE_LANE, NULL);
	lane->row = trv_session_rows(lanes->session)->items[position];
	return lane;
}

static void implement_list_model(GListModelInterface *interface)
{
	interface->get_item_type = get_item_type;
	interface->get_n_items = get_n_items;
	interface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(TrvLaneModel, trv_lane_model, G_TYPE_OBJECT,
			      G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, implement_list_model))

static void on_changed(TrvSession *session, guint what, TrvLaneModel *model)
{
	guint before = model->count;

	if (!(what & (TRV_CHANGED_STATE | TRV_CHANGED_LANES)))
		return;
	model->count = (guint)MIN(trv_session_rows(session)->count, G_MAXINT);
	g_list_model_items_changed(G_LIST_MODEL(model), 0, before, model->count);
}

static void trv_lane_model_dispose(GObject *object)
{
	g_clear_object(&TRV_LANE_MODEL(object)->session);
	G_OBJECT_CLASS(trv_lane_model_parent_class)->dispose(object);
}

static void trv_lane_model_class_init(TrvLaneModelClass *class)
{
	G_OBJECT_CLASS(class)->dispose = trv_lane_model_dispose;
}

static void trv_lane_model_init(TrvLaneModel *model)
{
}

TrvLaneModel *trv_lane_model_new(TrvSession *session)
{
	TrvLaneModel *model = g_object_new(TRV_TYPE_LANE_MODEL, NULL);

	model->session = g_object_ref(session);
	model->count = (guint)MIN(trv_session_rows(session)->count, G_MAXINT);
	g_signal_connect_object(session, "changed", G_CALLBACK(on_changed), model, 0);
	return model;
}
