#!/usr/bin/env python3
"""Wrong use of the runtime is a compile error: each line below must not compile, for its reason.

The same holds for C++, whose compiler is asked, too, where there is one.

usage: check-misuse.py SOURCE CC [CXX]
"""
import re
import subprocess
import sys

PROGRAM = """
#include <act/act.h>

ACT_MESSAGE(Say, (text, text), (u64, number), (handle, who), (token, answer))
%s
void use(struct act_self *self, struct act_handle to, struct act_token token,
	 struct act_message *message, struct act_system *system);
void use(struct act_self *self, struct act_handle to, struct act_token token,
	 struct act_message *message, struct act_system *system)
{
	%s;
}
"""

GOOD = [
    'act_send(self, to, Say, .text = "hi", .number = 1, .who = act_me(self), .answer = token)',
    'act_reply(self, message, Say)',
    'act_answer(self, &token, Say, .number = 7)',
    'act_system_send(system, to, Say, .text = "hi")',
    'if (act_as(message, Say)) act_log(self, "%d", 1)',
]

MISMATCH = 'invalid|incompatible|conver|missing braces|cannot initialize|no matching|no viable'

# What is wrong with it, the statement, and what the compilers say about it.
BAD = [
    ('a field that the type does not have', 'act_send(self, to, Say, .txt = "hi")',
     'txt'),
    ('a text for a number', 'act_send(self, to, Say, .number = "one")', MISMATCH),
    ('a number for a text', 'act_send(self, to, Say, .text = 5)', MISMATCH),
    ('a handle for a token', 'act_send(self, to, Say, .answer = to)', MISMATCH),
    ('a token for a handle', 'act_send(self, to, Say, .who = token)', MISMATCH),
    ('a number for a handle', 'act_send(self, to, Say, .who = 3)', MISMATCH),
    ('a token to send to', 'act_send(self, token, Say)', MISMATCH),
    ('a number to send to', 'act_send(self, 7, Say)', MISMATCH),
    ('a message to send to', 'act_send(self, message, Say)', MISMATCH),
    ('a type that was not declared', 'act_send(self, to, Shout, .text = "hi")',
     'undeclared|not declared'),
    ('a receiver of a type that was not declared', 'act_as(message, Shout)',
     'undeclared|not declared'),
    ('a question of a type that was not declared', 'ACT_QUESTION(self, to, Shout)',
     'undeclared|not declared'),
    ('a handle to answer', 'act_answer(self, &to, Say)', MISMATCH),
    ('a handle to drop as a token', 'act_drop_token(self, &to)', MISMATCH),
    ('a system for a self', 'act_send(system, to, Say)', MISMATCH),
    ('a self for a system', 'act_system_send(self, to, Say)', MISMATCH),
    ('a log line that does not fit its format', 'act_log(self, "%d", "one")', 'format'),
]

BAD_DECLARATIONS = [
    ('a field of a type that there is not', 'ACT_MESSAGE(Odd, (u32, number))', 'u32'),
    ('two fields of one name', 'ACT_MESSAGE(Odd, (u64, n), (i64, n))', 'duplicate|redecl'),
    ('two types of one name', 'ACT_MESSAGE(Say, (u64, n))', 'redefinition'),
]


def compile_it(compiler, folder, declaration, statement):
    return subprocess.run(
        [*compiler, '-fsyntax-only', '-Wall', '-Werror', f'-I{folder}/runtime/include', '-'],
        input=PROGRAM % (declaration, statement), capture_output=True, text=True)


def check(compiler, folder):
    wrong = []
    for statement in GOOD:
        done = compile_it(compiler, folder, '', statement)
        if done.returncode:
            wrong.append(f'{statement}\ndoes not compile:\n{done.stderr}')
    cases = [(what, '', statement, reason) for what, statement, reason in BAD]
    cases += [(what, declaration, '', reason) for what, declaration, reason in BAD_DECLARATIONS]
    for what, declaration, statement, reason in cases:
        done = compile_it(compiler, folder, declaration, statement)
        if done.returncode == 0:
            wrong.append(f'{what} compiles: {declaration or statement}')
        elif not re.search(reason, done.stderr):
            wrong.append(f'{what} does not compile, but not for that:\n{done.stderr}')
    return [f'{compiler[0]}: {text}' for text in wrong]


def main():
    folder, cc, *cxx = sys.argv[1:]
    wrong = check([*cc.split(), '-std=gnu11', '-xc'], folder)
    if cxx:
        wrong += check([cxx[0], '-std=gnu++17', '-xc++'], folder)
    sys.exit('\n'.join(wrong) if wrong else 0)


main()
