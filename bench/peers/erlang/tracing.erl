%% One process asks another, again and again; untraced, and with every message of both written to a
%% file by Erlang's own tracing.
%%
%%     erl -noshell -pa DIRECTORY -run tracing main COUNT [FILE]     prints asks a second
-module(tracing).
-export([main/1]).

main([Count]) ->
    run(list_to_integer(Count), fun(_) -> ok end),
    halt();
main([Count, File]) ->
    {ok, _} = dbg:tracer(port, dbg:trace_port(file, File)),
    run(list_to_integer(Count), fun(Process) -> {ok, _} = dbg:p(Process, [m]) end),
    dbg:stop_clear(),
    halt().

run(Count, Watch) ->
    To = spawn(fun echo/0),
    {From, Reference} = spawn_monitor(fun() -> receive go -> ask(To, Count) end end),
    [Watch(Process) || Process <- [From, To]],
    Started = erlang:monotonic_time(nanosecond),
    From ! go,
    receive {'DOWN', Reference, process, From, _} -> ok end,
    Taken = erlang:monotonic_time(nanosecond) - Started,
    io:format("~b~n", [Count * 1000000000 div Taken]).

ask(_, 0) -> ok;
ask(To, Count) ->
    Reference = make_ref(),
    To ! {self(), Reference, Count},
    receive {Reference, _} -> ok end,
    ask(To, Count - 1).

echo() ->
    receive {From, Reference, Value} -> From ! {Reference, Value} end,
    echo().
