%% Plays programs of processes that act at the same time, several times each: what each has seen, and in which order they acted.
%% Runs on one scheduler (+S 1), where each process gives way a random number of times before each of its steps.
-module(oracle_crowd).
-export([main/0]).

%% Requests are `[Times, [Script]]` in packets on descriptor 3; answers are the outcomes, apart by a line of its own.
main() ->
    logger:set_primary_config(level, none),
    serve(open_port({fd, 3, 4}, [{packet, 4}, binary, eof])).

serve(Port) ->
    receive
        {Port, {data, Request}} ->
            [Times, Scripts] = binary_to_term(Request),
            rand:seed(exsss, {1, 2, 3}),
            Answers = [play(Scripts) || _ <- lists:seq(1, Times)],
            Port ! {self(), {command, lists:join("\n--\n", Answers)}},
            serve(Port);
        {Port, eof} ->
            halt()
    end.

play(Scripts) ->
    Driver = self(),
    Numbered = lists:zip(lists:seq(0, length(Scripts) - 1), Scripts),
    Pids = [spawn(fun() -> start(Driver, N, Script) end) || {N, Script} <- Numbered],
    put(pids, Pids),
    %% One message tells all: none is ahead by its turn.
    [Pid ! {'$go', Pids, rand:uniform(1 bsl 30)} || {_, Pid} <- lists:sort([{rand:uniform(), P} || P <- Pids])],
    oracle:settle(),
    case lists:any(fun(Script) -> lists:any(fun([Op | _]) -> Op =:= <<"timer">> end, Script) end, Scripts) of
        true -> timer:sleep(3), oracle:settle();
        false -> ok
    end,
    Steps = steps(),
    Ends = [look(Pid) || Pid <- Pids],
    [exit(Pid, kill) || Pid <- Pids],
    oracle:settle(),
    Logs = [[[$\s, Text] || {M, Text} <- Steps, M =:= N] || {N, _} <- Numbered],
    Order = lists:join($\s, [integer_to_list(N) || {N, _} <- Steps]),
    Lines = lists:zipwith3(fun({N, _}, Log, End) -> [$p, integer_to_list(N), $:, Log, " / ", End] end, Numbered, Logs, Ends),
    unicode:characters_to_binary([lists:join($\n, Lines), "\n", Order]).

steps() -> receive {'$did', N, Text} -> [{N, lists:flatten(Text)} | steps()] after 0 -> [] end.

look(Pid) ->
    case process_info(Pid, [links, monitored_by, messages]) of
        undefined -> "dead";
        [{_, Links}, {_, By}, {_, Messages}] ->
            ["links", sorted(Links), " by", sorted(By), " box[", lists:join("; ", [text(M) || M <- Messages]), "]"]
    end.

sorted(Pids) -> ["[", lists:join($\s, lists:sort([text(P) || P <- Pids])), "]"].

%% Whether a link to the dead fails at once or a moment later is a matter of time.
text(noproc) -> "link";
text({message, N}) -> [$m | integer_to_list(N)];
text({'EXIT', From, Reason}) -> ["EXIT ", text(From), $\s, atom_to_list(Reason)];
text({'DOWN', _, process, Pid, Reason}) -> ["DOWN ", text(Pid), $\s, atom_to_list(Reason)];
text(Atom) when is_atom(Atom) -> atom_to_list(Atom);
text(Pid) when is_pid(Pid) ->
    Before = lists:takewhile(fun(Other) -> Other =/= Pid end, get(pids)),
    [$p | integer_to_list(length(Before))].

start(Driver, N, Script) ->
    receive
        {'$go', Pids, Seed} ->
            put(pids, Pids),
            put(refs, []),
            rand:seed(exsss, Seed),
            [begin pause(rand:uniform(5) - 1), step(Driver, N, Step) end || Step <- Script],
            timer:sleep(infinity)
    end.

pause(0) -> ok;
pause(Times) -> erlang:yield(), pause(Times - 1).

step(Driver, N, [<<"exit">>, Reason]) ->
    Driver ! {'$did', N, "exit"},
    exit(binary_to_atom(Reason));
step(Driver, N, [Op | Args]) ->
    Value = try act(binary_to_atom(Op), [arg(A) || A <- Args]) catch error:Reason -> Reason end,
    Driver ! {'$did', N, text(Value)},
    case Value of noproc -> exit(noproc); _ -> ok end.

arg(Word) when is_binary(Word) -> binary_to_atom(Word);
arg(Number) -> Number.

who(N) -> lists:nth(N + 1, get(pids)).

act(send, [K, M]) -> who(K) ! {message, M}, ok;
act(sendExit, [K, Reason]) -> exit(who(K), Reason), ok;
act(link, [K]) -> link(who(K)), link;
act(unlink, [K]) -> unlink(who(K)), ok;
act(monitor, [K]) -> put(refs, [monitor(process, who(K)) | get(refs)]), ok;
act(demonitor, []) ->
    case get(refs) of [] -> ok; [Ref | Rest] -> put(refs, Rest), demonitor(Ref, [flush]), ok end;
act(trap, []) -> process_flag(trap_exit, true), ok;
act(register, [Name]) -> register(Name, self());
act(unregister, [Name]) -> unregister(Name);
act(whereis, [Name]) -> whereis(Name);
act(sendName, [Name, M]) -> Name ! {message, M}, ok;
act(timer, [K, M]) -> erlang:send_after(0, who(K), {message, M}), ok;
act(look, []) -> receive M -> M after 0 -> timeout end;
act(take, []) -> receive M -> M end.
