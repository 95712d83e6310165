/*
 * The switch for AArch64, AAPCS64. A suspended context's stack holds, from its stack pointer up:
 * x19 to x30 (x29 is the frame pointer, x30 the return address), then d8 to d15, then FPCR: each
 * context has its own way of rounding. Writing it is slow on some machines, and seldom needed.
 */
	.text

	.globl	act__context_switch
	.hidden	act__context_switch
	.type	act__context_switch, %function
	.p2align 4
act__context_switch:
	.cfi_startproc
	sub	sp, sp, #176
	stp	x19, x20, [sp, #0]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mrs	x10, fpcr
	str	x10, [sp, #160]
	mov	x9, sp
	str	x9, [x0]
	ldr	x9, [x1]
	mov	sp, x9
	ldp	x19, x20, [sp, #0]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	ldr	x11, [sp, #160]
	cmp	x10, x11
	b.eq	1f
	msr	fpcr, x11
1:	add	sp, sp, #176
	ret
	.cfi_endproc
	.size	act__context_switch, . - act__context_switch

/* Where a new context begins: act__context_make() put entry into x19, its argument into x20. */
	.globl	act__context_begin
	.hidden	act__context_begin
	.type	act__context_begin, %function
	.p2align 4
act__context_begin:
	.cfi_startproc
	.cfi_undefined x30
	mov	x0, x20
	blr	x19
	brk	#1
	.cfi_endproc
	.size	act__context_begin, . - act__context_begin

	.section .note.GNU-stack, "", %progbits
