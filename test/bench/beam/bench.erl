%% The BEAM's side of the benchmark: the rows of contenders/otp-*.ts, as an Erlang programmer writes them. It speaks the
%% same line protocol: "row size" on the standard input, one JSON object per run on the standard output.
-module(bench).
-behaviour(gen_server).
-export([main/0]).
-export([init/1, handle_call/3, handle_cast/2]).
-export([echo/0, skynet/3, done/1]).

main() ->
    logger:set_primary_config(level, none),
    loop().

loop() ->
    case io:get_line("") of
        eof -> halt(0);
        Line ->
            [Row, Size] = string:tokens(string:trim(Line), " "),
            Me = self(),
            erlang:garbage_collect(),
            {Before, _} = erlang:statistics(runtime),
            {Pid, Ref} = spawn_monitor(fun() -> Me ! {self(), run(list_to_atom(Row), list_to_integer(Size))} end),
            receive
                {Pid, Out} ->
                    {After, _} = erlang:statistics(runtime),
                    [${ | Fields] = lists:flatten(Out),
                    io:format("{\"cpuMs\":~p,~s~n", [After - Before, Fields]);
                {'DOWN', Ref, process, Pid, Why} ->
                    Text = lists:flatten(io_lib:format("~0p", [Why])),
                    io:format("{\"error\":\"~s\"}~n", [[C || C <- Text, C =/= $", C =/= $\\]])
            end,
            erlang:demonitor(Ref, [flush]),
            loop()
    end.

%% Supervisors, and the gen_server that counts what reaches it.
init(children) ->
    {ok, {{simple_one_for_one, 1, 5}, [{c, {gen_server, start_link, [?MODULE, [], []]}, temporary, 5000, worker, []}]}};
init({announced, Pid}) ->
    Child = {gen_server, start_link, [?MODULE, {announce, Pid}, []]},
    {ok, {{one_for_one, 1000000000, 1}, [{c, Child, permanent, 5000, worker, []}]}};
init({announce, Pid}) -> Pid ! {up, self()}, {ok, 0};
init(_) -> {ok, 0}.
handle_call(add, _From, N) -> {reply, N + 1, N + 1};
handle_call(get, _From, N) -> {reply, N, N};
handle_call({echo, Bytes}, _From, N) -> {reply, Bytes, N}.
handle_cast(add, N) -> {noreply, N + 1};
handle_cast({add, _Bytes}, N) -> {noreply, N + 1}.

now_ns() -> erlang:monotonic_time(nanosecond).
per_second(Count, T0) -> json(Count * 1.0e9 / (now_ns() - T0)).
json(Value) -> io_lib:format("{\"value\":~s}", [num(Value)]).
json(Value, Extra) ->
    Fields = lists:join(",", [[$", K, "\":", num(V)] || {K, V} <- Extra]),
    io_lib:format("{\"value\":~s,\"extra\":{~s}}", [num(Value), Fields]).
num(V) -> float_to_list(V * 1.0, [{decimals, 3}]).

run(call, N) ->
    {ok, S} = gen_server:start(?MODULE, [], []),
    T0 = now_ns(),
    calls(S, N),
    Out = per_second(N, T0),
    N = gen_server:call(S, get),
    gen_server:stop(S),
    Out;
run(call100, N) ->
    {ok, S} = gen_server:start(?MODULE, [], []),
    T0 = now_ns(),
    Pids = [spawn_monitor(fun() -> calls(S, N div 100) end) || _ <- lists:seq(1, 100)],
    [receive {'DOWN', R, process, P, normal} -> ok end || {P, R} <- Pids],
    Out = per_second(N, T0),
    N = gen_server:call(S, get),
    gen_server:stop(S),
    Out;
run(cast, N) ->
    {ok, S} = gen_server:start(?MODULE, [], []),
    T0 = now_ns(),
    casts(S, add, N),
    N = gen_server:call(S, get, infinity),
    Out = per_second(N, T0),
    gen_server:stop(S),
    Out;
run(send, N) ->
    Me = self(),
    R = spawn(fun() -> Me ! count(0, N) end),
    T0 = now_ns(),
    ticks(R, N),
    receive N -> per_second(N, T0) end;
run(pingpong, N) ->
    Me = self(),
    P = spawn(fun() -> pongs(Me, N) end),
    T0 = now_ns(),
    pings(P, N),
    per_second(2 * N, T0);
run(ring, N) ->
    Me = self(),
    Last = spawn(fun() -> receive {next, Next} -> hop(Me, Next) end end),
    Members = lists:foldl(fun(_, [Next | _] = L) -> [spawn(fun() -> hop(Me, Next) end) | L] end, [Last],
                          lists:seq(1, 999)),
    First = hd(Members),
    Last ! {next, First},
    T0 = now_ns(),
    First ! N,
    receive done -> ok end,
    Out = per_second(N, T0),
    [M ! -1 || M <- Members],
    Out;
run(selective, N) ->
    [self() ! {other, I} || I <- lists:seq(1, 10000)],
    T0 = now_ns(),
    Sum = wanted(1, N, 0),
    Sum = N * (N + 1) div 2,
    per_second(N, T0);
run(selective_ref, N) ->
    Echo = spawn(fun ref_echo/0),
    [self() ! {other, I} || I <- lists:seq(1, 100000)],
    T0 = now_ns(),
    ask(Echo, N),
    Out = per_second(N, T0),
    exit(Echo, kill),
    Out;
run(backlog, N) ->
    drain(N div 100),
    drain(N div 10),
    json(drain(N));
run(spawn, N) ->
    Ended = counters:new(1, []),
    T0 = now_ns(),
    spawns(Ended, N),
    wait_for(Ended, N),
    per_second(N, T0);
run(genserver_start_stop, N) ->
    T0 = now_ns(),
    [begin {ok, S} = gen_server:start(?MODULE, [], []), ok = gen_server:stop(S) end || _ <- lists:seq(1, N)],
    per_second(N, T0);
run(monitor, N) ->
    T0 = now_ns(),
    monitors(N),
    per_second(N, T0);
run(link_storm, N) ->
    Me = self(),
    T0 = now_ns(),
    Hub = spawn(fun() ->
        Pids = [spawn_link(fun() -> receive never -> ok end end) || _ <- lists:seq(1, N)],
        Me ! {ready, Pids},
        receive never -> ok end
    end),
    Pids = receive {ready, L} -> L end,
    exit(Hub, storm),
    all_dead(Pids),
    per_second(N, T0);
run(supervisor_start, N) ->
    {ok, Sup} = supervisor:start_link(?MODULE, children),
    T0 = now_ns(),
    [{ok, _} = supervisor:start_child(Sup, []) || _ <- lists:seq(1, N)],
    Out = per_second(N, T0),
    N = proplists:get_value(active, supervisor:count_children(Sup)),
    stop_supervisor(Sup),
    Out;
run(supervisor_restart, N) ->
    {ok, Sup} = supervisor:start_link(?MODULE, {announced, self()}),
    First = receive {up, Pid} -> Pid end,
    T0 = now_ns(),
    restarts(First, N),
    Out = per_second(N, T0),
    stop_supervisor(Sup),
    Out;
run(skynet, N) ->
    T0 = now_ns(),
    spawn(?MODULE, skynet, [self(), 0, N]),
    Sum = N * (N - 1) div 2,
    receive Sum -> per_second(N, T0) end;
run(timers, N) ->
    T0 = now_ns(),
    timers(N div 2),
    await_ticks(N div 2),
    per_second(N, T0);
run(idle_process, N) ->
    Before = erlang:memory(processes),
    Pids = [spawn(fun() -> receive never -> ok end end) || _ <- lists:seq(1, N)],
    After = erlang:memory(processes),
    [exit(P, kill) || P <- Pids],
    all_dead(Pids),
    json((After - Before) / N);
run(idle_genserver, N) ->
    Before = erlang:memory(processes),
    Pids = [begin {ok, S} = gen_server:start(?MODULE, [], []), S end || _ <- lists:seq(1, N)],
    After = erlang:memory(processes),
    [exit(P, kill) || P <- Pids],
    all_dead(Pids),
    json((After - Before) / N);
run(fairness, Ms) ->
    Worst = [{Name, late(Load, Ms)} || {Name, Load} <- loads()],
    json(lists:max([W || {_, W} <- Worst]), Worst);
run(Row, N) ->
    bench_remote:run(Row, N).

calls(_, 0) -> ok;
calls(S, N) -> gen_server:call(S, add), calls(S, N - 1).

casts(_, _, 0) -> ok;
casts(S, M, N) -> gen_server:cast(S, M), casts(S, M, N - 1).

count(N, N) -> N;
count(C, N) -> receive _ -> count(C + 1, N) end.

ticks(_, 0) -> ok;
ticks(R, N) -> R ! {tick, N}, ticks(R, N - 1).

pings(_, 0) -> ok;
pings(P, N) -> P ! ping, receive pong -> pings(P, N - 1) end.

pongs(_, 0) -> ok;
pongs(P, N) -> receive ping -> P ! pong, pongs(P, N - 1) end.

hop(Me, Next) ->
    receive
        -1 -> ok;
        0 -> Me ! done, hop(Me, Next);
        N -> Next ! N - 1, hop(Me, Next)
    end.

restarts(_, 0) -> ok;
restarts(Pid, N) ->
    exit(Pid, kill),
    receive {up, New} when New =/= Pid -> restarts(New, N - 1) end.

stop_supervisor(Sup) ->
    unlink(Sup),
    Ref = monitor(process, Sup),
    exit(Sup, shutdown),
    receive {'DOWN', Ref, process, Sup, _} -> ok end.

wanted(I, N, Sum) when I > N -> Sum;
wanted(I, N, Sum) ->
    self() ! {wanted, I},
    receive {wanted, J} -> wanted(I + 1, N, Sum + J) end.

ref_echo() -> receive {From, Ref} -> From ! {reply, Ref}, ref_echo() end.

ask(_, 0) -> ok;
ask(Echo, N) ->
    Ref = make_ref(),
    Echo ! {self(), Ref},
    receive {reply, Ref} -> ask(Echo, N - 1) end.

drain(N) ->
    ticks(self(), N),
    T0 = now_ns(),
    N = count(0, N),
    N * 1.0e9 / (now_ns() - T0).

spawns(_, 0) -> ok;
spawns(Ended, N) -> spawn(?MODULE, done, [Ended]), spawns(Ended, N - 1).
done(Ended) -> counters:add(Ended, 1, 1).

wait_for(Counter, N) ->
    case counters:get(Counter, 1) of
        N -> ok;
        _ -> erlang:yield(), wait_for(Counter, N)
    end.

monitors(0) -> ok;
monitors(N) ->
    {P, R} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', R, process, P, normal} -> monitors(N - 1) end.

all_dead([]) -> ok;
all_dead([P | Rest] = L) ->
    case is_process_alive(P) of
        false -> all_dead(Rest);
        true -> erlang:yield(), all_dead(L)
    end.

skynet(Parent, Number, 1) -> Parent ! Number;
skynet(Parent, Number, Size) ->
    Part = Size div 10,
    [spawn(?MODULE, skynet, [self(), Number + I * Part, Part]) || I <- lists:seq(0, 9)],
    Parent ! lists:sum([receive S -> S end || _ <- lists:seq(1, 10)]).

timers(0) -> ok;
timers(N) ->
    erlang:send_after(10, self(), tick),
    Ref = erlang:send_after(60000, self(), never),
    Left = erlang:cancel_timer(Ref),
    true = is_integer(Left),
    timers(N - 1).

await_ticks(0) -> ok;
await_ticks(N) -> receive tick -> await_ticks(N - 1) end.

late(Load, Ms) ->
    Busy = Load(),
    Late = late_until(now_ns() + Ms * 1000000, []),
    [exit(P, kill) || P <- Busy],
    Sorted = lists:sort(Late),
    lists:nth(max(1, ceil(0.99 * length(Sorted))), Sorted).

late_until(Until, Late) ->
    case now_ns() < Until of
        false -> Late;
        true ->
            Due = now_ns() + 10000000,
            erlang:send_after(10, self(), due),
            receive due -> late_until(Until, [(now_ns() - Due) / 1.0e6 | Late]) end
    end.

loads() ->
    [{"call", fun() ->
        {ok, S} = gen_server:start(?MODULE, [], []),
        [spawn(fun() -> calls(S, infinity()) end), S]
      end},
     {"cast", fun() ->
        {ok, S} = gen_server:start(?MODULE, [], []),
        [spawn(fun() -> cast_load(S) end), S]
      end},
     {"pingpong", fun() ->
        P = spawn(fun echo/0),
        Q = spawn(fun echo/0),
        P ! {ball, Q},
        [P, Q]
      end},
     {"spawn", fun() -> [spawn(fun spawn_load/0)] end}].

infinity() -> 1 bsl 50.
cast_load(S) -> casts(S, add, 100), gen_server:call(S, get), cast_load(S).
echo() -> receive {ball, From} -> From ! {ball, self()}, echo() end.
spawn_load() -> {P, R} = spawn_monitor(fun() -> ok end), receive {'DOWN', R, process, P, _} -> spawn_load() end.

