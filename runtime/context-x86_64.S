/*
 * The switch for x86-64, System V calling convention. A suspended context's stack holds, from its
 * stack pointer up: MXCSR and x87 control word, r15, r14, r13, r12, rbx, rbp, return address.
 */
	.text

	.globl	act__context_switch
	.hidden	act__context_switch
	.type	act__context_switch, @function
	.p2align 4
act__context_switch:
	.cfi_startproc
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	subq	$8, %rsp
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)
	movq	%rsp, (%rdi)
	movq	(%rsi), %rsp
	ldmxcsr	(%rsp)
	fldcw	4(%rsp)
	addq	$8, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
	.cfi_endproc
	.size	act__context_switch, . - act__context_switch

/* Where a new context begins: act__context_make() put entry into r12, its argument into r13. The
 * undefined return address tells debuggers that the stack ends here. */
	.globl	act__context_begin
	.hidden	act__context_begin
	.type	act__context_begin, @function
	.p2align 4
act__context_begin:
	.cfi_startproc
	.cfi_undefined rip
	movq	%r13, %rdi
	callq	*%r12
	ud2
	.cfi_endproc
	.size	act__context_begin, . - act__context_begin

	.section .note.GNU-stack, "", @progbits
