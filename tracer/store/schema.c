/*
 * Tables hold numbers, views join the names: a row is written while the recording runs and must be
 * small, a person reads it much later. What our own tools read is meta, ring and segment; all the
 * rest follows from the segments and is there for everybody with an SQL prompt.
 *
 * Names are joined from the tables, not from the view `actor`: SQLite then looks each up by its
 * number, and leaves out the joins whose columns nobody asks for.
 *
 * Times are nanoseconds since the recording began. Columns named *_ns are NULL while not reached.
 */
#include "tracer/store/schema.h"

#define TABLES                                                                              \
	"CREATE TABLE meta(\n"                                                              \
	"  key TEXT PRIMARY KEY,\n"                                                         \
	"  value ANY\n"                                                                     \
	") STRICT, WITHOUT ROWID;\n"                                                        \
                                                                                            \
	"CREATE TABLE ring(\n"                                                              \
	"  number INTEGER PRIMARY KEY,\n"                                                   \
	"  pid INTEGER NOT NULL,\n"                                                         \
	"  tid INTEGER NOT NULL,\n"                                                         \
	"  written INTEGER NOT NULL,\n"                                                     \
	"  stored INTEGER NOT NULL,\n"                                                      \
	"  lost INTEGER NOT NULL,\n"                                                        \
	"  corrupt INTEGER NOT NULL,\n"                                                     \
	"  closed INTEGER NOT NULL,\n"                                                      \
	"  position INTEGER NOT NULL\n"                                                     \
	") STRICT;\n"                                                                       \
                                                                                            \
	"CREATE TABLE segment(\n"                                                           \
	"  id INTEGER PRIMARY KEY,\n"                                                       \
	"  batch INTEGER NOT NULL,\n"                                                       \
	"  ring INTEGER NOT NULL,\n"                                                        \
	"  count INTEGER NOT NULL,\n"                                                       \
	"  first_ns INTEGER NOT NULL,\n"                                                    \
	"  last_ns INTEGER NOT NULL,\n"                                                     \
	"  data BLOB NOT NULL\n"                                                            \
	") STRICT;\n"                                                                       \
                                                                                            \
	"CREATE TABLE let_go(\n"                                                            \
	"  ring INTEGER PRIMARY KEY,\n"                                                     \
	"  events INTEGER NOT NULL\n"                                                       \
	") STRICT;\n"                                                                       \
                                                                                            \
	"CREATE TABLE derived(\n"                                                           \
	"  name TEXT PRIMARY KEY,\n"                                                        \
	"  batch INTEGER NOT NULL,\n"                                                       \
	"  events INTEGER NOT NULL\n"                                                       \
	") STRICT, WITHOUT ROWID;\n"                                                        \
                                                                                            \
	"CREATE TABLE keyframe(\n"                                                          \
	"  id INTEGER PRIMARY KEY,\n"                                                       \
	"  messages INTEGER NOT NULL,\n"                                                    \
	"  time_ns INTEGER NOT NULL,\n"                                                     \
	"  batch INTEGER NOT NULL,\n"                                                       \
	"  sent BLOB NOT NULL,\n"                                                           \
	"  news BLOB NOT NULL,\n"                                                           \
	"  state BLOB NOT NULL\n"                                                           \
	") STRICT;\n"                                                                       \
                                                                                            \
	"CREATE TABLE summary(\n"                                                           \
	"  id INTEGER PRIMARY KEY,\n"                                                       \
	"  level INTEGER NOT NULL,\n"                                                       \
	"  first INTEGER NOT NULL,\n"                                                       \
	"  events INTEGER NOT NULL,\n"                                                      \
	"  first_ns INTEGER NOT NULL,\n"                                                    \
	"  last_ns INTEGER NOT NULL,\n"                                                     \
	"  data BLOB NOT NULL\n"                                                            \
	") STRICT;\n"                                                                       \
                                                                                            \
	"CREATE TABLE kind(\n"                                                              \
	"  id INTEGER PRIMARY KEY,\n"                                                       \
	"  name TEXT NOT NULL,\n"                                                           \
	"  capacity INTEGER NOT NULL\n"                                                     \
	") STRICT;\n"                                                                       \
                                                                                            \
	"CREATE TABLE type(\n"                                                              \
	"  id INTEGER PRIMARY KEY,\n"                                                       \
	"  name TEXT NOT NULL,\n"                                                           \
	"  definition BLOB NOT NULL\n"                                                      \
	") STRICT;\n"                                                                       \
                                                                                            \
	"CREATE TABLE site(\n"                                                              \
	"  id INTEGER PRIMARY KEY,\n"                                                       \
	"  file TEXT NOT NULL,\n"                                                           \
	"  line INTEGER NOT NULL,\n"                                                        \
	"  function TEXT NOT NULL\n"                                                        \
	") STRICT;\n"                                                                       \
                                                                                            \
	"CREATE TABLE actor_row(\n"                                                         \
	"  id INTEGER PRIMARY KEY,\n"                                                       \
	"  name TEXT,\n"                                                                    \
	"  kind INTEGER,\n"                                                                 \
	"  parent INTEGER,\n"                                                               \
	"  capacity INTEGER,\n"                                                             \
	"  spawned_ns INTEGER,\n"                                                           \
	"  ended_ns INTEGER,\n"                                                             \
	"  end_reason INTEGER,\n"                                                           \
	"  flags INTEGER,\n"                                                                \
	"  site INTEGER\n"                                                                  \
	") STRICT;\n"                                                                       \
	"INSERT INTO actor_row(id, name) VALUES(0, 'outside');\n"                           \
                                                                                            \
	"CREATE TABLE message_row(\n"                                                       \
	"  id INTEGER PRIMARY KEY,\n"                                                       \
	"  type INTEGER NOT NULL,\n"                                                        \
	"  sender INTEGER NOT NULL,\n"                                                      \
	"  receiver INTEGER NOT NULL,\n"                                                    \
	"  cause INTEGER,\n"                                                                \
	"  token INTEGER,\n"                                                                \
	"  space_since_ns INTEGER,\n"                                                       \
	"  sent_ns INTEGER NOT NULL,\n"                                                     \
	"  received_ns INTEGER,\n"                                                          \
	"  done_ns INTEGER,\n"                                                              \
	"  site INTEGER,\n"                                                                 \
	"  flags INTEGER NOT NULL,\n"                                                       \
	"  payload TEXT,\n"                                                                 \
	"  replied_ns INTEGER,\n"                                                           \
	"  replier INTEGER,\n"                                                              \
	"  reply_type INTEGER,\n"                                                           \
	"  reply_site INTEGER,\n"                                                           \
	"  reply_payload TEXT,\n"                                                           \
	"  fate INTEGER NOT NULL\n" /* 1 discarded, 2 token dropped, 4 reply is an error */ \
	") STRICT;\n"                                                                       \
                                                                                            \
	"CREATE TABLE wait_row(\n"                                                          \
	"  id INTEGER NOT NULL,\n"                                                          \
	"  actor INTEGER NOT NULL,\n"                                                       \
	"  begin_ns INTEGER NOT NULL,\n"                                                    \
	"  target INTEGER NOT NULL,\n"                                                      \
	"  what INTEGER NOT NULL,\n"                                                        \
	"  object INTEGER,\n"                                                               \
	"  peer INTEGER,\n"                                                                 \
	"  every INTEGER NOT NULL,\n"                                                       \
	"  deadline_ns INTEGER,\n"                                                          \
	"  end_ns INTEGER,\n"                                                               \
	"  wake INTEGER,\n"                                                                 \
	"  message INTEGER,\n"                                                              \
	"  site INTEGER,\n"                                                                 \
	"  PRIMARY KEY(id, target)\n"                                                       \
	") STRICT, WITHOUT ROWID;\n"

#define VIEWS                                                                                     \
	"CREATE VIEW actor AS SELECT\n"                                                           \
	"  a.id,\n"                                                                               \
	"  coalesce(a.name, coalesce(ak.name, 'actor') || '-' || a.id) AS name,\n"                \
	"  ak.name AS kind,\n"                                                                    \
	"  a.parent,\n"                                                                           \
	"  a.capacity,\n"                                                                         \
	"  a.spawned_ns,\n"                                                                       \
	"  a.ended_ns,\n"                                                                         \
	"  CASE a.end_reason WHEN 1 THEN 'stopped' WHEN 2 THEN 'unreachable'\n"                   \
	"    WHEN 3 THEN 'failed' WHEN 4 THEN 'shutdown' END AS end_reason,\n"                    \
	"  s.file, s.line\n"                                                                      \
	"FROM actor_row a LEFT JOIN kind ak ON ak.id = a.kind LEFT JOIN site s ON s.id = "        \
	"a.site;\n"                                                                               \
                                                                                                  \
	"CREATE VIEW message AS SELECT\n"                                                         \
	"  m.id,\n"                                                                               \
	"  coalesce(t.name, '?') AS type,\n"                                                      \
	"  coalesce(a.name, coalesce(ak.name, 'actor') || '-' || a.id, '?') AS sender,\n"         \
	"  coalesce(b.name, coalesce(bk.name, 'actor') || '-' || b.id, '?') AS receiver,\n"       \
	"  m.sent_ns,\n"                                                                          \
	"  m.received_ns,\n"                                                                      \
	"  m.done_ns,\n"                                                                          \
	"  m.sent_ns - m.space_since_ns AS space_wait_ns,\n"                                      \
	"  m.payload,\n"                                                                          \
	"  m.cause,\n"                                                                            \
	"  m.token,\n"                                                                            \
	"  s.file, s.line, s.function,\n"                                                         \
	"  m.sender AS sender_id,\n"                                                              \
	"  m.receiver AS receiver_id,\n"                                                          \
	"  m.fate & 1 AS discarded\n"                                                             \
	"FROM message_row m LEFT JOIN type t ON t.id = m.type\n"                                  \
	"  LEFT JOIN actor_row a ON a.id = m.sender LEFT JOIN kind ak ON ak.id = a.kind\n"        \
	"  LEFT JOIN actor_row b ON b.id = m.receiver LEFT JOIN kind bk ON bk.id = b.kind\n"      \
	"  LEFT JOIN site s ON s.id = m.site;\n"                                                  \
                                                                                                  \
	"CREATE VIEW send AS SELECT\n"                                                            \
	"  sent_ns AS time_ns, sender, receiver, type, payload, space_wait_ns, file, line,\n"     \
	"  id AS message, sender_id, receiver_id\n"                                               \
	"FROM message;\n"                                                                         \
                                                                                                  \
	"CREATE VIEW receive AS SELECT\n"                                                         \
	"  received_ns AS time_ns, receiver, sender, type, payload,\n"                            \
	"  received_ns - sent_ns AS queued_ns, done_ns - received_ns AS handled_ns,\n"            \
	"  id AS message, receiver_id, sender_id\n"                                               \
	"FROM message WHERE received_ns IS NOT NULL;\n"                                           \
                                                                                                  \
	"CREATE VIEW ask AS SELECT\n"                                                             \
	"  m.id,\n"                                                                               \
	"  coalesce(t.name, '?') AS type,\n"                                                      \
	"  coalesce(a.name, coalesce(ak.name, 'actor') || '-' || a.id, '?') AS asker,\n"          \
	"  coalesce(b.name, coalesce(bk.name, 'actor') || '-' || b.id, '?') AS receiver,\n"       \
	"  m.sent_ns AS asked_ns,\n"                                                              \
	"  m.replied_ns,\n"                                                                       \
	"  m.replied_ns - m.sent_ns AS duration_ns,\n"                                            \
	"  CASE WHEN m.replied_ns IS NULL THEN 'open' WHEN m.fate & 2 THEN 'dropped'\n"           \
	"    WHEN m.fate & 4 THEN 'error' ELSE 'replied' END AS outcome,\n"                       \
	"  m.payload,\n"                                                                          \
	"  m.reply_payload AS reply,\n"                                                           \
	"  coalesce(c.name, coalesce(ck.name, 'actor') || '-' || c.id) AS replier,\n"             \
	"  m.token,\n"                                                                            \
	"  s.file, s.line,\n"                                                                     \
	"  r.file AS reply_file, r.line AS reply_line,\n"                                         \
	"  m.sender AS asker_id, m.receiver AS receiver_id, m.replier AS replier_id\n"            \
	"FROM message_row m LEFT JOIN type t ON t.id = m.type\n"                                  \
	"  LEFT JOIN actor_row a ON a.id = m.sender LEFT JOIN kind ak ON ak.id = a.kind\n"        \
	"  LEFT JOIN actor_row b ON b.id = m.receiver LEFT JOIN kind bk ON bk.id = b.kind\n"      \
	"  LEFT JOIN actor_row c ON c.id = m.replier LEFT JOIN kind ck ON ck.id = c.kind\n"       \
	"  LEFT JOIN site s ON s.id = m.site LEFT JOIN site r ON r.id = m.reply_site\n"           \
	"WHERE m.token IS NOT NULL;\n"                                                            \
                                                                                                  \
	"CREATE VIEW reply AS SELECT\n"                                                           \
	"  replied_ns AS time_ns, replier, asker, type AS ask_type, reply AS payload, outcome,\n" \
	"  duration_ns, reply_file AS file, reply_line AS line, id AS ask, token,\n"              \
	"  replier_id, asker_id\n"                                                                \
	"FROM ask WHERE replied_ns IS NOT NULL;\n"                                                \
                                                                                                  \
	"CREATE VIEW wait AS SELECT\n"                                                            \
	"  coalesce(a.name, coalesce(ak.name, 'actor') || '-' || a.id, '?') AS actor,\n"          \
	"  CASE w.what WHEN 1 THEN 'reply' WHEN 2 THEN 'space' WHEN 3 THEN 'end'\n"               \
	"    WHEN 4 THEN 'timer' WHEN 5 THEN 'outside' ELSE '?' END AS what,\n"                   \
	"  coalesce(p.name, coalesce(pk.name, 'actor') || '-' || p.id) AS for_actor,\n"           \
	"  w.begin_ns,\n"                                                                         \
	"  w.end_ns,\n"                                                                           \
	"  w.end_ns - w.begin_ns AS duration_ns,\n"                                               \
	"  CASE w.wake WHEN 1 THEN 'met' WHEN 2 THEN 'deadline' WHEN 3 THEN 'cancelled'\n"        \
	"    ELSE 'open' END AS outcome,\n"                                                       \
	"  s.file, s.line, s.function,\n"                                                         \
	"  w.deadline_ns,\n"                                                                      \
	"  CASE w.every WHEN 0 THEN 'any' ELSE 'all' END AS mode,\n"                              \
	"  w.id AS wait,\n"                                                                       \
	"  w.target,\n"                                                                           \
	"  w.object,\n"                                                                           \
	"  w.message,\n"                                                                          \
	"  w.actor AS actor_id,\n"                                                                \
	"  w.peer AS for_actor_id\n"                                                              \
	"FROM wait_row w\n"                                                                       \
	"  LEFT JOIN actor_row a ON a.id = w.actor LEFT JOIN kind ak ON ak.id = a.kind\n"         \
	"  LEFT JOIN actor_row p ON p.id = w.peer LEFT JOIN kind pk ON pk.id = p.kind\n"          \
	"  LEFT JOIN site s ON s.id = w.site;\n"

const char trc__schema[] = TABLES VIEWS;

const char trc__ring_table_1[] = "CREATE TABLE ring(\n"
				 "  number INTEGER PRIMARY KEY,\n"
				 "  pid INTEGER NOT NULL,\n"
				 "  tid INTEGER NOT NULL,\n"
				 "  written INTEGER NOT NULL,\n"
				 "  stored INTEGER NOT NULL,\n"
				 "  lost INTEGER NOT NULL,\n"
				 "  corrupt INTEGER NOT NULL,\n"
				 "  closed INTEGER NOT NULL\n"
				 ") STRICT";

const char trc__let_go_table[] = "CREATE TABLE IF NOT EXISTS let_go(\n"
				 "  ring INTEGER PRIMARY KEY,\n"
				 "  events INTEGER NOT NULL\n"
				 ") STRICT";
