%% Plays random programs on a real Erlang: what processes do step by step, and what is to be seen after each step.
%% Runs on one scheduler (+S 1), so that an empty run queue means that nobody can do anything any more.
-module(oracle).
-export([main/0, settle/0]).
-import(oracle_text, [text/1, name_of/1]).

%% Requests are `[Unit, [Program]]` in packets on descriptor 3; answers are texts, one line per observation, and in the end
%% how many ms a step came late.
main() ->
    logger:set_primary_config(level, none),
    ets:new(attempts, [named_table, public]),
    serve(open_port({fd, 3, 4}, [{packet, 4}, binary, eof])).

serve(Port) ->
    receive
        {Port, {data, Request}} ->
            [Unit, Programs] = binary_to_term(Request),
            Answers = [play(Unit, Program) || Program <- Programs],
            Port ! {self(), {command, lists:join(<<0>>, Answers)}},
            serve(Port);
        {Port, eof} ->
            halt()
    end.

play(Unit, Program) ->
    erase(),
    ets:delete_all_objects(attempts),
    put(unit, Unit),
    put(pids, []),
    put(refs, []),
    put(busy, []),
    put(shown, #{}),
    put(start, erlang:monotonic_time(millisecond)),
    put(now, 0),
    put(late, 0),
    Lines = [[integer_to_list(N), $\n | step(Step)] || {N, Step} <- lists:zip(lists:seq(1, length(Program)), Program)],
    tidy(),
    unicode:characters_to_binary([Lines, "late ", integer_to_list(get(late))]).

%% A timer to a name would find whoever has it in the next program.
tidy() ->
    [erlang:cancel_timer(Ref) || Ref <- get(refs)],
    [exit(Pid, kill) || {Pid, _} <- get(pids)],
    settle(),
    events(),
    case [Pid || {Pid, _} <- get(pids), is_process_alive(Pid)] of [] -> ok; _ -> tidy() end.

step([<<"advance">>, Units]) ->
    put(now, get(now) + Units * get(unit)),
    timer:sleep(max(0, get(start) + get(now) - erlang:monotonic_time(millisecond))),
    finish();
step([Op, Who | Args]) ->
    people(),
    Free = [Pid || {Pid, puppet} <- lists:reverse(get(pids)), is_process_alive(Pid), not lists:keymember(Pid, 1, get(busy))],
    Actor = lists:nth(1 + Who rem length(Free), Free),
    case oracle_steps:resolve(binary_to_atom(Op), Args) of
        skip -> ["-\n"];
        Act ->
            put(busy, [{Actor, Act} | get(busy)]),
            Actor ! {'$do', self(), Act},
            [name_of(Actor), $\s | finish()]
    end.

%% At least two puppets that listen.
people() ->
    Free = [Pid || {Pid, puppet} <- get(pids), is_process_alive(Pid), not lists:keymember(Pid, 1, get(busy))],
    if
        length(Free) < 2 ->
            Self = self(),
            put(pids, [{spawn(fun() -> oracle_puppet:loop(Self) end), puppet} | get(pids)]),
            people();
        true -> ok
    end.

finish() ->
    settle(),
    Events = patient(events()),
    Said = [event(Event) || Event <- Events],
    Done = [done(Event) || Event <- Events],
    put(busy, [Pair || {Pid, _} = Pair <- get(busy), is_process_alive(Pid)]),
    Dump = dump(),
    put(late, max(get(late), erlang:monotonic_time(millisecond) - get(start) - get(now))),
    [Said, lists:sort(Done), $\n, Dump].

%% Waits for what takes its time: calls with a limit, children with one.
patient(Events) ->
    Waiting = [Pid || {Pid, Act} <- get(busy), oracle_steps:ends(Act), is_process_alive(Pid),
        not lists:any(fun({did, P, _}) -> P =:= Pid; (_) -> false end, Events)],
    Answers = [catch supervisor:count_children(Pid) || {Pid, supervisor} <- known(Events), is_process_alive(Pid)],
    % One that has ended meanwhile may have taken others along, which take their time as well.
    case {Waiting, [ended || {'EXIT', _} <- Answers]} of
        {[], []} -> settle(), Events ++ events();
        {[], _} -> settle(), patient(Events ++ events());
        _ -> timer:sleep(1), settle(), patient(Events ++ events())
    end.

known(Events) ->
    [{Pid, Kind} || {born, Pid, Kind} <- Events] ++ get(pids).

settle() ->
    erlang:yield(),
    case erlang:statistics(run_queue) =:= 0 andalso lists:all(fun rests/1, processes()) of true -> ok; false -> settle() end.

%% Whoever is on a dirty scheduler is in no queue.
rests(Pid) when Pid =:= self() -> true;
rests(Pid) -> case process_info(Pid, status) of {status, waiting} -> true; undefined -> true; _ -> false end.

events() ->
    receive
        {'$did', Pid, Result} -> [{did, Pid, Result} | events()];
        {'$log', Entry} -> [Entry | events()]
    after 0 -> []
    end.

event({born, Pid, Kind}) ->
    put(pids, [{Pid, Kind} | get(pids)]),
    ["+", name_of(Pid), " "];
event({log, Pid, What}) ->
    [name_of(Pid), ":", text(What), " "];
event({did, Pid, {_, Refs}}) ->
    put(busy, lists:keydelete(Pid, 1, get(busy))),
    put(refs, lists:reverse(Refs) ++ get(refs)),
    [].

%% What an act has come to, unless whoever did it has ended by it.
done({did, Pid, {Value, _}}) ->
    case is_process_alive(Pid) of
        true -> lists:flatten([name_of(Pid), "= ", text(Value), " "]);
        false -> []
    end;
done(_) -> [].

%% What has changed since it was last shown.
dump() ->
    [changed(name_of(Pid), look(Pid, Kind)) || {Pid, Kind} <- lists:reverse(get(pids))].

changed(Key, Line) ->
    Text = lists:flatten(Line),
    case get(shown) of
        #{Key := Text} -> [];
        Shown -> put(shown, Shown#{Key => Text}), ["  ", Key, " ", Text, $\n]
    end.

look(Pid, Kind) ->
    Items = [links, monitors, monitored_by, registered_name, trap_exit, group_leader, messages],
    case process_info(Pid, Items) of
        undefined -> "dead";
        [{_, Links}, {_, Monitors}, {_, By}, {_, Name}, {_, Trap}, {_, Leader}, {_, Messages}] ->
            Calls = [{Caller, To} || {Caller, Act} <- get(busy), To <- oracle_steps:called(Act)],
            [
                "links", sorted(Links),
                " monitors", sorted([object(M) || M <- Monitors] -- [name_of(C) || {P, C} <- Calls, P =:= Pid]),
                " by", sorted(By -- [P || {P, C} <- Calls, C =:= Pid]),
                case Name of [] -> ""; _ -> [" name ", text(Name)] end,
                case Trap of true -> " traps"; false -> "" end,
                case name_of(Leader) of "?" -> ""; Other -> [" leader ", Other] end,
                case lists:keymember(Pid, 1, get(busy)) of true -> " busy"; false -> "" end,
                box(Kind, Messages),
                children(Pid, Kind)
            ]
    end.

%% What waits for a server has a form of its own on each side.
box(puppet, Messages) -> [" box[", lists:join("; ", [text(M) || M <- Messages, not command(M)]), "]"];
box(_, Messages) -> [" box ", integer_to_list(length(Messages))].

command(M) -> is_tuple(M) andalso element(1, M) =:= '$do'.

object({process, {Name, _}}) -> "name " ++ atom_to_list(Name);
object({process, Pid}) -> name_of(Pid).

sorted(Terms) ->
    Names = lists:sort([case is_pid(T) of true -> name_of(T); false -> T end || T <- Terms]),
    ["[", lists:join(" ", Names), "]"].

children(_, puppet) -> "";
children(_, server) -> "";
children(Pid, supervisor) ->
    try supervisor:which_children(Pid) of
        Children -> [" children", text([{Id, Child} || {Id, Child, _, _} <- Children])]
    catch exit:_ -> "gone"
    end.
