%% A server whose callbacks do what they are asked to; its state is the number of callbacks and whom a reply is owed.
-module(oracle_server).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, handle_continue/2, terminate/2]).

init({Driver, Traits}) ->
    put(driver, Driver),
    put(traits, Traits),
    Driver ! {'$log', {born, self(), server}},
    [process_flag(trap_exit, true) || has(trap)],
    case [T || T <- Traits, lists:member(T, [idle, continue, refuse, ignore, crash, exit, throw, bad, shutdown])] of
        [] -> {ok, {0, []}};
        [idle | _] -> {ok, {0, []}, 0};
        [continue | _] -> {ok, {0, []}, {continue, [noreply]}};
        [refuse | _] -> {stop, refused};
        [shutdown | _] -> {stop, shutdown};
        [ignore | _] -> ignore;
        [crash | _] -> error(boom);
        [exit | _] -> exit(x);
        [throw | _] -> throw({stop, thrown});
        [bad | _] -> bad
    end.

has(Trait) -> lists:member(Trait, get(traits)).

log(What) -> get(driver) ! {'$log', {log, self(), What}}.

handle_call(Script, From, State) -> answer(call, Script, From, State).
handle_cast(Script, State) -> answer(cast, Script, none, State).
handle_info({info, Script}, State) -> answer(info, Script, none, State);
handle_info(Message, State) -> answer(info, [noreply, Message], none, State).
handle_continue(Script, State) -> answer(continue, Script, none, State).

answer(Kind, [Verb | Args], From, {Count, Owed}) ->
    log({Kind, Verb, Count} ),
    [log(Arg) || Arg <- Args],
    Next = {Count + 1, Owed},
    case {Verb, Args} of
        {reply, _} -> {reply, {ok, Count}, Next};
        {replyIdle, _} -> {reply, {ok, Count}, Next, 0};
        {replyContinue, _} -> {reply, {ok, Count}, Next, {continue, [noreply]}};
        {defer, _} when From =:= none -> {noreply, Next};
        {defer, _} -> {noreply, {Count + 1, Owed ++ [From]}};
        {noreply, _} -> {noreply, Next};
        {idle, _} -> {noreply, Next, 0};
        {continue, _} -> {noreply, Next, {continue, [noreply]}};
        {continueStop, [Reason]} -> {noreply, Next, {continue, [stop, Reason]}};
        {replyEarly, _} when From =:= none -> {noreply, Next};
        {replyEarly, _} -> gen_server:reply(From, {early, Count}), {noreply, Next};
        {replyTwice, _} when From =:= none -> {noreply, Next};
        {replyTwice, _} -> {reply, {first, Count}, {Count + 1, Owed ++ [From]}};
        {settle, _} -> [gen_server:reply(To, {late, Count}) || To <- Owed], {noreply, {Count + 1, []}};
        {stop, [Reason]} -> {stop, Reason, Next};
        {stopReply, [Reason]} -> {stop, Reason, {stopping, Count}, Next};
        {crash, _} -> error(boom);
        {exit, [Reason]} -> exit(Reason);
        {throw, _} -> throw({noreply, Next});
        {throwBad, _} -> throw(bad);
        {bad, _} -> bad
    end.

terminate(Reason, {Count, _}) ->
    log({terminate, Reason, Count}),
    case get(traits) of
        Traits when is_list(Traits) ->
            [error(late_boom) || has(terminateCrash)],
            [exit(late) || has(terminateExit)],
            [timer:sleep(infinity) || has(hang)]
    end.
