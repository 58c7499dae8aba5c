%% The BEAM's side of the rows between two operating-system processes: Erlang's own distribution on loopback.
-module(bench_remote).
-export([run/2, serve/1, ran/1]).

run(Row, N) ->
    Peer = peer(two),
    case Row of
        remote_call_1 -> p50(Peer, N, 16);
        remote_call_1_1k -> p50(Peer, N, 1024);
        remote_call_100 -> concurrent(Peer, N, 16);
        remote_call_100_1k -> concurrent(Peer, N, 1024);
        remote_cast_16 -> casts(Peer, N, 16);
        remote_cast_128 -> casts(Peer, N, 128);
        remote_cast_1k -> casts(Peer, N, 1024);
        remote_cast_16k -> casts(Peer, N, 16384);
        remote_monitor -> monitors(Peer, N);
        remote_spawn -> spawns(Peer, N);
        global_register -> global_register(N)
    end.

%% The other node, started once; it ends when this one does.
peer(Short) ->
    [Name, Host] = string:tokens(atom_to_list(node()), "@"),
    PeerName = Name ++ "_" ++ atom_to_list(Short),
    Peer = list_to_atom(PeerName ++ "@" ++ Host),
    case net_adm:ping(Peer) of
        pong -> Peer;
        pang ->
            Args = ["-sname", PeerName, "-setcookie", "bench", "+S", "1:1", "-noshell",
                    "-pa", filename:dirname(code:which(?MODULE)), "-run", ?MODULE_STRING, "serve", atom_to_list(node())],
            Starter = spawn(fun() ->
                open_port({spawn_executable, os:find_executable("erl")}, [{args, Args}]),
                receive never -> ok end
            end),
            await(Peer, Starter, 200)
    end.

await(Peer, _, 0) -> exit({no_peer, Peer});
await(Peer, Starter, Tries) ->
    case net_adm:ping(Peer) =:= pong andalso rpc:call(Peer, erlang, whereis, [server]) of
        Pid when is_pid(Pid) -> Peer;
        _ -> timer:sleep(50), await(Peer, Starter, Tries - 1)
    end.

%% Runs on the other node.
serve([Boss]) ->
    {ok, Server} = gen_server:start(bench, [], []),
    register(server, Server),
    Node = list_to_atom(Boss),
    net_adm:ping(Node),
    monitor_node(Node, true),
    receive {nodedown, Node} -> halt() end.

now_ns() -> erlang:monotonic_time(nanosecond).

echo(Peer, Bytes) ->
    Bytes = gen_server:call({server, Peer}, {echo, Bytes}, 60000).

timed(_, _, 0, Times) -> Times;
timed(Peer, Bytes, N, Times) ->
    T0 = now_ns(),
    echo(Peer, Bytes),
    timed(Peer, Bytes, N - 1, [now_ns() - T0 | Times]).

p50(Peer, N, Size) ->
    Times = lists:sort(timed(Peer, binary:copy(<<0>>, Size), N, [])),
    P = fun(Q) -> lists:nth(max(1, ceil(Q * N)), Times) / 1.0e6 end,
    io_lib:format("{\"value\":~.6f,\"extra\":{\"p99\":~.6f,\"latency\":[[2,~.6f],[10,~.6f],[100,~.6f],[1000,~.6f]]}}",
                  [P(0.5), P(0.99), P(0.5), P(0.9), P(0.99), P(0.999)]).

concurrent(Peer, N, Size) ->
    Bytes = binary:copy(<<0>>, Size),
    T0 = now_ns(),
    Callers = [spawn_monitor(fun() -> timed(Peer, Bytes, N div 100, []) end) || _ <- lists:seq(1, 100)],
    [receive {'DOWN', R, process, P, normal} -> ok end || {P, R} <- Callers],
    rate(N, T0).

casts(Peer, N, Size) ->
    Bytes = binary:copy(<<0>>, Size),
    Before = gen_server:call({server, Peer}, get),
    T0 = now_ns(),
    [gen_server:cast({server, Peer}, {add, Bytes}) || _ <- lists:seq(1, N)],
    After = gen_server:call({server, Peer}, get, infinity),
    N = After - Before,
    rate(N, T0).

monitors(Peer, N) ->
    T0 = now_ns(),
    [erlang:monitor(process, {nobody, Peer}) || _ <- lists:seq(1, N)],
    [receive {'DOWN', _, process, _, noproc} -> ok end || _ <- lists:seq(1, N)],
    rate(N, T0).

spawns(Peer, N) ->
    Me = self(),
    T0 = now_ns(),
    [spawn(Peer, ?MODULE, ran, [Me]) || _ <- lists:seq(1, N)],
    [receive ran -> ok end || _ <- lists:seq(1, N)],
    rate(N, T0).

ran(To) -> To ! ran.

global_register(N) ->
    peer(three),
    global:sync(),
    T0 = now_ns(),
    [begin yes = global:register_name(bench, self()), global:unregister_name(bench) end || _ <- lists:seq(1, N)],
    rate(N, T0).

rate(N, T0) -> io_lib:format("{\"value\":~.3f}", [N * 1.0e9 / (now_ns() - T0)]).
