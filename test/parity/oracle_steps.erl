%% What the steps of a program mean, given the processes and refs that there are.
-module(oracle_steps).
-export([resolve/2, ends/1, called/1]).

resolve(spawn, [Tie]) -> {spawn, a(Tie), none};
resolve(doomed, [Tie, Reason]) -> {spawn, a(Tie), {doom, reason(Reason)}};
resolve(link, [W]) -> {link, whom(W)};
resolve(unlink, [W]) -> {unlink, whom(W)};
resolve(monitor, [W, Mode]) -> {monitor, whom(W), a(Mode)};
resolve(monitorName, [Name, Mode]) -> {monitor, a(Name), a(Mode)};
resolve(demonitor, [R, Options]) -> with_ref(R, fun(Ref) -> {demonitor, Ref, [a(O) || O <- Options]} end);
resolve(trap, [On]) -> {trap, On =:= 1};
resolve(exit, [Reason]) -> {die, exit, reason(Reason)};
resolve(raise, []) -> {die, error, boom};
resolve(throw, [Reason]) -> {die, throw, reason(Reason)};
resolve(return, []) -> return;
resolve(sendExit, [W, Reason]) -> {send_exit, whom(W), reason(Reason)};
resolve(send, [W, N]) -> {send, whom(W), {message, N}};
resolve(sendName, [Name, N]) -> {send, a(Name), {message, N}};
resolve(sendAlias, [R, N]) -> with_ref(R, fun(Ref) -> {send, Ref, {message, N}} end);
resolve(alias, [Mode]) -> {alias, [a(Mode)]};
resolve(unalias, [R]) -> with_ref(R, fun(Ref) -> {unalias, Ref} end);
resolve(register, [W, Name]) -> {register, a(Name), whom(W)};
resolve(unregister, [Name]) -> {unregister, a(Name)};
resolve(whereis, [Name]) -> {whereis, a(Name)};
resolve(sendAfter, [Units, W, N]) -> {send_after, ms(Units), target(W), {message, N}};
resolve(startTimer, [Units, W, N]) -> {start_timer, ms(Units), target(W), {message, N}};
resolve(cancel, [R]) -> with_ref(R, fun(Ref) -> {cancel, Ref} end);
resolve(readTimer, [R]) -> with_ref(R, fun(Ref) -> {read, Ref} end);
resolve(leader, [W, L]) -> {leader, whom(W), whom(L)};
resolve('receive', [What, <<"infinity">>]) -> {'receive', a(What), infinity};
resolve('receive', [What, N]) when N =< 0 -> {'receive', a(What), N};
%% Due at another moment than any timer.
resolve('receive', [What, Units]) -> {'receive', a(What), Units * get(unit) + 3 * get(unit) div 4};
resolve(flush, []) -> flush;
resolve(serve, [Tie, Name, Traits]) -> {serve, a(Tie), a(Name), [a(T) || T <- Traits]};
resolve(call, [W, Script, Limit]) ->
    with_any(server, W, fun(P) -> {call, P, script(Script), case Limit of <<"infinity">> -> forever(); _ -> ms(Limit) end, P} end);
resolve(callName, [Name, Script]) ->
    Server = whereis(a(Name)),
    case kind(Server) of puppet -> skip; supervisor -> skip; _ -> {call, a(Name), script(Script), forever(), Server} end;
resolve(cast, [W, Script]) -> with_any(server, W, fun(P) -> {cast, P, script(Script)} end);
resolve(info, [W, Script]) -> with_any(server, W, fun(P) -> {send, P, {info, script(Script)}} end);
resolve(stop, [W, Reason]) -> with_any(server, W, fun(P) -> {stop, P, reason(Reason)} end);
resolve(supervise, [Flags, Children]) -> {supervise, Flags, Children};
resolve(startChild, [W, Child]) -> with_any(supervisor, W, fun(P) -> {start_child, P, Child} end);
resolve(countChildren, [W]) -> with_any(supervisor, W, fun(P) -> {count_children, P} end);
resolve(terminateChild, [W, Id]) -> with_any(supervisor, W, fun(P) -> {terminate_child, P, a(Id)} end);
resolve(restartChild, [W, Id]) -> with_any(supervisor, W, fun(P) -> {restart_child, P, a(Id)} end);
resolve(deleteChild, [W, Id]) -> with_any(supervisor, W, fun(P) -> {delete_child, P, a(Id)} end);
resolve(killAny, [Kind, W, Reason]) -> with_any(a(Kind), W, fun(P) -> {send_exit, P, reason(Reason)} end).

%% Acts that wait for no more than their limit.
ends({call, _, _, Limit, _}) -> Limit < forever();
ends({stop, _, _}) -> false;
ends({Admin, _, _}) -> lists:member(Admin, [terminate_child, restart_child, delete_child, start_child, supervise]);
ends({count_children, _}) -> true;
ends(_) -> false.

%% Whom a caller watches while it waits, once or twice.
called({call, _, _, _, Server}) -> [Server];
called({stop, To, _}) -> [To, To];
called(_) -> [].

%% A call without a limit has no alias on a node of its own, and would let a second reply into the mailbox.
forever() -> 1000000.

a(Binary) -> binary_to_atom(Binary).

reason(<<"shutdown y">>) -> {shutdown, y};
reason(Binary) -> a(Binary).

script([Verb | Args]) -> [a(Verb) | [reason(Arg) || Arg <- Args]].

%% Half a unit more than so many, so that no timer is due when time has been moved on by whole units.
ms(Units) -> Units * get(unit) + get(unit) div 2.

pids() -> [P || {P, _} <- lists:reverse(get(pids))].

%% Mostly the living.
whom(Index) ->
    All = pids(),
    Living = [P || P <- All, is_process_alive(P)],
    Among = case Index rem 4 =:= 0 orelse Living =:= [] of true -> All; false -> Living end,
    lists:nth(1 + Index rem length(Among), Among).

target(W) when is_binary(W) -> a(W);
target(W) -> whom(W).

%% The latest first.
with_ref(Index, Use) ->
    case get(refs) of [] -> skip; Refs -> Use(lists:nth(1 + Index rem length(Refs), Refs)) end.

with_any(Kind, Index, Use) ->
    case [P || {P, K} <- get(pids), K =:= Kind] of
        [] -> skip;
        All -> Use(lists:nth(1 + Index rem length(All), All))
    end.

kind(undefined) -> none;
kind(Pid) -> proplists:get_value(Pid, get(pids)).
