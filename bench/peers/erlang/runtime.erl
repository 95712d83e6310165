%% The rows of bench/runtime.c with Erlang/OTP: processes; their mailboxes have no bound.
%%
%%     erl -noshell -pa DIRECTORY -run runtime main ROW COUNT        prints operations a second
-module(runtime).
-export([main/1]).

-define(SENDERS, 4).
-define(RING, 100).
-define(ALL, 100).
-define(FORKS, 100000).

main([Row, CountText]) ->
    Count = list_to_integer(CountText),
    run(Row, Count div 10),
    Started = erlang:monotonic_time(nanosecond),
    run(Row, Count),
    Taken = erlang:monotonic_time(nanosecond) - Started,
    io:format("~b~n", [Count * 1000000000 div Taken]),
    halt().

run("ask", Count) -> ask(Count);
run("fan-in", Count) -> fan_in(Count);
run("ring", Count) -> ring(Count);
run("all-to-all", Count) -> all_to_all(Count);
run("fork-join", Count) -> fork_join(Count).

%% Runs a function in processes of its own, and waits until all have ended.
join(Running) ->
    [receive {'DOWN', Reference, process, _, _} -> ok end || {_, Reference} <- Running],
    ok.

ask(Count) ->
    To = spawn(fun echo/0),
    join([spawn_monitor(fun() -> ask(To, Count) end)]),
    To ! stop.

ask(_, 0) -> ok;
ask(To, Count) ->
    Reference = make_ref(),
    To ! {self(), Reference, Count},
    receive {Reference, _} -> ok end,
    ask(To, Count - 1).

echo() ->
    receive
        {From, Reference, Value} ->
            From ! {Reference, Value},
            echo();
        stop -> ok
    end.

fan_in(Count) ->
    Each = Count div ?SENDERS,
    %% As is advised for a process that many send to.
    {To, _} = Receiver = spawn_opt(fun() -> count_down(Each * ?SENDERS) end,
                                   [monitor, {message_queue_data, off_heap}]),
    [spawn(fun() -> send(To, Each) end) || _ <- lists:seq(1, ?SENDERS)],
    join([Receiver]).

send(_, 0) -> ok;
send(To, Count) ->
    To ! Count,
    send(To, Count - 1).

count_down(0) -> ok;
count_down(Left) ->
    receive _ -> count_down(Left - 1) end.

ring(Count) ->
    Conductor = self(),
    %% The last is made first; the first learns of it when all are there.
    First = spawn(fun() -> receive {next, Next} -> pass(Next, Conductor) end end),
    Second = lists:foldl(fun(_, Next) -> spawn(fun() -> pass(Next, Conductor) end) end,
                         First, lists:seq(2, ?RING)),
    First ! {next, Second},
    First ! Count,
    receive finished -> ok end,
    First ! stop,
    ok.

pass(Next, Conductor) ->
    receive
        0 -> Conductor ! finished, pass(Next, Conductor);
        stop -> Next ! stop;
        Hops -> Next ! Hops - 1, pass(Next, Conductor)
    end.

all_to_all(Count) ->
    Rounds = Count div (?ALL * (?ALL - 1)),
    Members = [spawn_monitor(fun() -> receive {peers, Peers} -> exchange(Peers, Rounds) end end)
               || _ <- lists:seq(1, ?ALL)],
    Processes = [Process || {Process, _} <- Members],
    [Process ! {peers, lists:delete(Process, Processes)} || Process <- Processes],
    join(Members).

exchange(_, 0) -> ok;
exchange(Peers, Rounds) ->
    [Peer ! Rounds || Peer <- Peers],
    count_down(?ALL - 1),
    exchange(Peers, Rounds - 1).

fork_join(Count) when Count =< 0 -> ok;
fork_join(Count) ->
    join([spawn_monitor(fun() -> ok end) || _ <- lists:seq(1, ?FORKS)]),
    fork_join(Count - ?FORKS).
