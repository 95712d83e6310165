#include "runtime/fiber.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TSAN 1
#endif
#endif

#ifdef ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef TSAN
#include <sanitizer/tsan_interface.h>
#endif
#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif

/* --- what the tools are told ---------------------------------------------------------------- */

void act__ground_init(struct act__ground *ground)
{
	*ground = (struct act__ground){0};
#ifdef TSAN
	ground->thread_sanitizer = __tsan_get_current_fiber();
#endif
}

static void stack_made(struct act__fiber *fiber)
{
#ifdef TSAN
	fiber->thread_sanitizer = __tsan_create_fiber(0);
#endif
#ifdef VALGRIND_STACK_REGISTER
	unsigned char *stack = (unsigned char *)fiber - fiber->stack_size;
	fiber->valgrind_id = VALGRIND_STACK_REGISTER(stack, stack + fiber->stack_size);
#endif
}

static void stack_unmade(struct act__fiber *fiber)
{
#ifdef ASAN
	/* What returned from a turn left its red zones behind. */
	__asan_unpoison_memory_region((char *)fiber - fiber->stack_size, fiber->stack_size);
#endif
#ifdef TSAN
	__tsan_destroy_fiber(fiber->thread_sanitizer);
#endif
#ifdef VALGRIND_STACK_DEREGISTER
	VALGRIND_STACK_DEREGISTER(fiber->valgrind_id);
#endif
}

static inline void before_enter(struct act__fiber *fiber, void **fake_stack)
{
#ifdef ASAN
	__sanitizer_start_switch_fiber(fake_stack, (char *)fiber - fiber->stack_size,
				       fiber->stack_size);
#endif
#ifdef TSAN
	__tsan_switch_to_fiber(fiber->thread_sanitizer, 0);
#endif
}

static inline void after_enter(void *fake_stack)
{
#ifdef ASAN
	__sanitizer_finish_switch_fiber(fake_stack, NULL, NULL);
#endif
}

static inline void before_leave(struct act__fiber *fiber, bool finished)
{
#ifdef ASAN
	__sanitizer_start_switch_fiber(finished ? NULL : &fiber->fake_stack, fiber->ground->stack,
				       fiber->ground->stack_size);
#endif
#ifdef TSAN
	__tsan_switch_to_fiber(fiber->ground->thread_sanitizer, 0);
#endif
}

static inline void on_stack(struct act__fiber *fiber)
{
#ifdef ASAN
	__sanitizer_finish_switch_fiber(fiber->fake_stack, &fiber->ground->stack,
					&fiber->ground->stack_size);
#endif
}

/* --- stacks --------------------------------------------------------------------------------- */

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

/* Whether the kernel cannot read there. */
static bool is_guarded(const void *page)
{
	bool guarded;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	guarded = write(ends[1], page, 1) < 0 && errno == EFAULT;
	close(ends[0]);
	close(ends[1]);
	return guarded;
}

/* Newer kernels have guards that do not split the mapping, of which a process may have 65530. But
 * emulators take any advice and do nothing, so the first guard is looked at. */
static bool guard_lightly(void *page, size_t size)
{
	static atomic_int known; /* 1: there are such guards; -1: there are none */
	int there_are = atomic_load_explicit(&known, memory_order_relaxed);

	if (there_are < 0 || madvise(page, size, MADV_GUARD_INSTALL) != 0)
		return false;
	if (there_are == 0) {
		there_are = is_guarded(page) ? 1 : -1;
		atomic_store_explicit(&known, there_are, memory_order_relaxed);
	}
	return there_are > 0;
}

static bool guard(void *page, size_t size)
{
	return guard_lightly(page, size) || mprotect(page, size, PROT_NONE) == 0;
}

struct act__fiber *act__fiber_new(size_t stack_size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t usable = (stack_size + sizeof(struct act__fiber) + page - 1) / page * page;
	size_t mapping_size = usable + page;
	unsigned char *mapping;
	struct act__fiber *fiber;

	mapping = mmap(NULL, mapping_size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (mapping == MAP_FAILED)
		return NULL;
	if (!guard(mapping, page)) {
		munmap(mapping, mapping_size);
		return NULL;
	}
	fiber = (void *)(mapping + mapping_size - (sizeof(*fiber) + 63) / 64 * 64);
	fiber->guard = mapping;
	fiber->mapping_size = mapping_size;
	fiber->stack_size = (size_t)((unsigned char *)fiber - mapping) - page;
	stack_made(fiber);
	return fiber;
}

void act__fiber_free(struct act__fiber *fiber)
{
	stack_unmade(fiber);
	munmap(fiber->guard, fiber->mapping_size);
}

static void fiber_main(void *argument)
{
	struct act__fiber *fiber = argument;

	on_stack(fiber);
	act__actor_turn(&fiber->self);
	act__fiber_leave(fiber, true);
}

void act__fiber_begin(struct act__fiber *fiber, const struct act_self *self)
{
	fiber->self = *self;
	fiber->self.fiber = fiber;
	fiber->finished = false;
	fiber->fake_stack = NULL;
	act__context_make(&fiber->context, (unsigned char *)fiber - fiber->stack_size,
			  fiber->stack_size, fiber_main, fiber);
}

void act__fiber_enter(struct act__ground *ground, struct act__fiber *fiber)
{
	void *fake_stack = NULL;

	fiber->ground = ground;
	before_enter(fiber, &fake_stack);
	act__context_switch(&ground->context, &fiber->context);
	after_enter(fake_stack);
}

void act__fiber_leave(struct act__fiber *fiber, bool finished)
{
	fiber->finished = finished;
	before_leave(fiber, finished);
	act__context_switch(&fiber->context, &fiber->ground->context);
	on_stack(fiber);
}
