/*
 * payload.h - how message fields are packed into an event's payload, and read back
 *
 * A writer packs the fields of a message in the order of its type's definition (TRC_DEF_TYPE); text
 * is made only when somebody reads. Packing of one value:
 *
 *   i u f    8 bytes (int64, uint64, double)
 *   b        1 byte, 0 or 1
 *   h k      8 bytes, number of the actor or token (0: none)
 *   t y      u32 bytes kept, u32 bytes there were, then the kept bytes (no NUL)
 *
 * Nothing is aligned. A payload may end early (TRC_F_CUT): a text is then kept in part, and later
 * fields may be missing.
 */
#ifndef TRACER_EVENT_PAYLOAD_H
#define TRACER_EVENT_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Packs values one after the other into memory of the caller's. Once a value does not fit, `cut` is
 * set and nothing more is added; of a text, the part that fits is kept. */
struct trc_packer {
	uint8_t *data;
	size_t size;  /* bytes used */
	size_t limit; /* bytes there are */
	bool cut;
};

void trc_pack_u64(struct trc_packer *packer, uint64_t value);
void trc_pack_f64(struct trc_packer *packer, double value);
void trc_pack_bool(struct trc_packer *packer, bool value);
void trc_pack_bytes(struct trc_packer *packer, const void *bytes, size_t size);

/*
 * Renders a payload as text, `Say{user:"ann", text:"hi"}`, or as a JSON object,
 * `{"user":"ann","text":"hi"}`. `definition` is the payload of the type's TRC_DEF_TYPE, NULL when
 * the type is unknown. Writes at most `size` bytes with a NUL, like snprintf, and returns the
 * length that the whole text has. Control characters and invalid UTF-8 are escaped; damaged
 * payloads render as far as they go and end in "...". Never fails.
 */
size_t trc_payload_text(const uint8_t *definition, size_t definition_size, const uint8_t *payload,
			size_t payload_size, bool cut, char *text, size_t size);
size_t trc_payload_json(const uint8_t *definition, size_t definition_size, const uint8_t *payload,
			size_t payload_size, bool cut, char *text, size_t size);

/* Length of the UTF-8 character at the start of `bytes` when it is whole and cannot change how the
 * rest of a line is shown, else 0. `size` is at least 1. */
size_t trc_printable(const uint8_t *bytes, size_t size);

#ifdef __cplusplus
}
#endif

#endif
