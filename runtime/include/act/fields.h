/*
 * fields.h - the machinery behind ACT_MESSAGE: a struct and its description from one list
 *
 * Each field is a pair (code, name). ACT__EACH applies a macro to every pair; two of them make the
 * struct's members and the table of fields. The description is weak so that all files which include
 * the same declaration share one address.
 */
#ifndef ACT_FIELDS_H
#define ACT_FIELDS_H

#define ACT__MEMBER_i64 int64_t
#define ACT__MEMBER_u64 uint64_t
#define ACT__MEMBER_f64 double
#define ACT__MEMBER_boolean bool
#define ACT__MEMBER_text const char *
#define ACT__MEMBER_bytes struct act_bytes
#define ACT__MEMBER_handle struct act_handle
#define ACT__MEMBER_token struct act_token

/* enum trc_field */
#define ACT__CODE_i64 'i'
#define ACT__CODE_u64 'u'
#define ACT__CODE_f64 'f'
#define ACT__CODE_boolean 'b'
#define ACT__CODE_text 't'
#define ACT__CODE_bytes 'y'
#define ACT__CODE_handle 'h'
#define ACT__CODE_token 'k'

/* What is to be done about it when a message is made and released: private, of struct act_type. */
#define ACT__COPIED 1  /* lies behind the struct */
#define ACT__DROPPED 2 /* is given up */
#define ACT__CARE_i64 0
#define ACT__CARE_u64 0
#define ACT__CARE_f64 0
#define ACT__CARE_boolean 0
#define ACT__CARE_text ACT__COPIED
#define ACT__CARE_bytes ACT__COPIED
#define ACT__CARE_handle ACT__DROPPED
#define ACT__CARE_token ACT__DROPPED

#define ACT__DECLARE(owner, pair) ACT__DECLARE_PAIR pair
#define ACT__DECLARE_PAIR(code, name) ACT__MEMBER_##code name;
#define ACT__DESCRIBE(owner, pair) {ACT__DESCRIBE_NAME pair, offsetof(struct owner, ACT__SECOND pair), ACT__DESCRIBE_CODE pair},
#define ACT__DESCRIBE_NAME(code, name) #name
#define ACT__DESCRIBE_CODE(code, name) ACT__CODE_##code
#define ACT__SECOND(code, name) name
#define ACT__CARE(owner, pair) | ACT__CARE_PAIR pair
#define ACT__CARE_PAIR(code, name) ACT__CARE_##code

#define ACT__COUNT(...) ACT__COUNT_(__VA_ARGS__, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define ACT__COUNT_(a, b, c, d, e, f, g, h, i, j, k, l, count, ...) count
#define ACT__GLUE(a, b) ACT__GLUE_(a, b)
#define ACT__GLUE_(a, b) a##b
#define ACT__EACH(M, o, ...) ACT__GLUE(ACT__EACH_, ACT__COUNT(__VA_ARGS__))(M, o, __VA_ARGS__)
#define ACT__EACH_1(M, o, p) M(o, p)
#define ACT__EACH_2(M, o, p, ...) M(o, p) ACT__EACH_1(M, o, __VA_ARGS__)
#define ACT__EACH_3(M, o, p, ...) M(o, p) ACT__EACH_2(M, o, __VA_ARGS__)
#define ACT__EACH_4(M, o, p, ...) M(o, p) ACT__EACH_3(M, o, __VA_ARGS__)
#define ACT__EACH_5(M, o, p, ...) M(o, p) ACT__EACH_4(M, o, __VA_ARGS__)
#define ACT__EACH_6(M, o, p, ...) M(o, p) ACT__EACH_5(M, o, __VA_ARGS__)
#define ACT__EACH_7(M, o, p, ...) M(o, p) ACT__EACH_6(M, o, __VA_ARGS__)
#define ACT__EACH_8(M, o, p, ...) M(o, p) ACT__EACH_7(M, o, __VA_ARGS__)
#define ACT__EACH_9(M, o, p, ...) M(o, p) ACT__EACH_8(M, o, __VA_ARGS__)
#define ACT__EACH_10(M, o, p, ...) M(o, p) ACT__EACH_9(M, o, __VA_ARGS__)
#define ACT__EACH_11(M, o, p, ...) M(o, p) ACT__EACH_10(M, o, __VA_ARGS__)
#define ACT__EACH_12(M, o, p, ...) M(o, p) ACT__EACH_11(M, o, __VA_ARGS__)

/*
 * What the macros that make a message are given as "...": its type, and its fields, of which there
 * may be none. ISO C wants an argument for each "...", so the two cases are told apart by counting,
 * which goes as far as this many commas.
 */
#define ACT__TYPE(...) (&ACT__GLUE(ACT__HEAD(__VA_ARGS__, ~), _type))
#define ACT__HEAD(head, ...) head
#define ACT__FIELDS(...) ACT__GLUE(ACT__, ACT__WHICH(__VA_ARGS__, \
	ACT__16(SOME_FIELDS), ACT__16(SOME_FIELDS), SOME_FIELDS, SOME_FIELDS, NO_FIELDS, ~))(__VA_ARGS__)
#define ACT__16(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
#define ACT__WHICH(...) ACT__36TH(__VA_ARGS__)
#define ACT__36TH(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, \
	A, B, C, D, E, F, G, H, I, J, ...) J

#ifdef __cplusplus
#define ACT__SHARED extern "C" __attribute__((weak))
#else
#define ACT__SHARED __attribute__((weak))
#endif

/* Declares struct Name from up to twelve fields, see message.h. */
#define ACT_MESSAGE(Name, ...)                                                                   \
	struct Name {                                                                            \
		ACT__EACH(ACT__DECLARE, Name, __VA_ARGS__)                                       \
	};                                                                                       \
	ACT__SHARED uint32_t Name##_trace_number;                                                \
	static const struct act_field Name##_fields[] = {                                        \
		ACT__EACH(ACT__DESCRIBE, Name, __VA_ARGS__)};                                    \
	ACT__SHARED const struct act_type Name##_type = {                                        \
		#Name, (uint32_t)sizeof(struct Name), ACT__COUNT(__VA_ARGS__),                   \
		0 ACT__EACH(ACT__CARE, Name, __VA_ARGS__), Name##_fields, &Name##_trace_number};

/* The same for the state of actors, or its beginning. */
#define ACT_STATE(Name, ...) ACT_MESSAGE(Name, __VA_ARGS__)

/* Declares struct Name without fields. */
#define ACT_SIGNAL(Name)                                                                         \
	struct Name {                                                                            \
		char nothing;                                                                    \
	};                                                                                       \
	ACT__SHARED uint32_t Name##_trace_number;                                                \
	ACT__SHARED const struct act_type Name##_type = {                                        \
		#Name, 0, 0, 0, (const struct act_field *)0, &Name##_trace_number};

#endif
