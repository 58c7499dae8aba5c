%% A supervisor of servers.
-module(oracle_supervisor).
-behaviour(supervisor).
-export([init/1, spec/2, start/3]).

init({Driver, [Strategy, Intensity, Auto], Children}) ->
    Driver ! {'$log', {born, self(), supervisor}},
    Flags = #{strategy => binary_to_atom(Strategy), intensity => Intensity, period => 100000, auto_shutdown => binary_to_atom(Auto)},
    {ok, {Flags, [spec(Driver, Child) || Child <- Children]}}.

spec(Driver, [Id, Restart, Shutdown, Significant, Traits]) ->
    #{
        id => binary_to_atom(Id),
        start => {?MODULE, start, [Driver, Id, [binary_to_atom(T) || T <- Traits]]},
        restart => binary_to_atom(Restart),
        shutdown => case Shutdown of <<"brutal_kill">> -> brutal_kill; <<"infinity">> -> infinity; Ms -> Ms end,
        significant => Significant =:= 1
    }.

%% A flaky child fails every second time.
start(Driver, Id, Traits) ->
    Attempt = ets:update_counter(attempts, Id, 1, {Id, 0}),
    case lists:member(flaky, Traits) andalso Attempt rem 2 =:= 0 of
        true -> {error, flaky};
        false -> gen_server:start_link(oracle_server, {Driver, Traits}, [])
    end.
