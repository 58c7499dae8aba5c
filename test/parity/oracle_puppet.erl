%% A process that does what it is told, in its own name.
-module(oracle_puppet).
-export([loop/1]).

loop(Driver) ->
    receive
        {'$do', Driver, Act} ->
            Result = try act(Act, Driver) catch error:Reason -> {{caught, Reason}, []}; exit:Reason -> {{exited, Reason}, []} end,
            case Result of
                {die, exit, Why} -> exit(Why);
                {die, error, Why} -> error(Why);
                {die, throw, Why} -> throw(Why);
                return -> ok;
                {_, _} -> Driver ! {'$did', self(), Result}, loop(Driver)
            end
    end.

value(Value) -> {Value, []}.
ref(Ref) -> {Ref, [Ref]}.

act({spawn, Tie, Doom}, Driver) ->
    Body = fun() ->
        Driver ! {'$log', {born, self(), puppet}},
        case Doom of none -> loop(Driver); {doom, Reason} -> exit(Reason) end
    end,
    case Tie of
        none -> value(spawn(Body));
        link -> value(spawn_link(Body));
        monitor -> {P, R} = spawn_monitor(Body), {P, [R]}
    end;
act({link, P}, _) -> value(link(P));
act({unlink, P}, _) -> value(unlink(P));
act({monitor, To, none}, _) -> ref(monitor(process, To));
act({monitor, To, Mode}, _) -> ref(monitor(process, To, [{alias, Mode}]));
act({demonitor, R, Options}, _) -> value(demonitor(R, Options));
act({trap, On}, _) -> value(process_flag(trap_exit, On));
act({die, Class, Reason}, _) -> {die, Class, Reason};
act(return, _) -> return;
act({send_exit, P, Reason}, _) -> value(exit(P, Reason));
act({send, To, Message}, _) -> To ! Message, value(sent);
act({alias, Options}, _) -> ref(alias(Options));
act({unalias, R}, _) -> value(unalias(R));
act({register, Name, P}, _) -> value(register(Name, P));
act({unregister, Name}, _) -> value(unregister(Name));
act({whereis, Name}, _) -> value(whereis(Name));
act({send_after, Ms, To, Message}, _) -> ref(erlang:send_after(Ms, To, Message));
act({start_timer, Ms, To, Message}, _) -> ref(erlang:start_timer(Ms, To, Message));
act({cancel, R}, _) -> value(left(erlang:cancel_timer(R)));
act({read, R}, _) -> value(left(erlang:read_timer(R)));
act({leader, P, Leader}, _) -> value(group_leader(Leader, P));
%% Here an invalid timeout is an ArgumentError, as every invalid argument is.
act({'receive', What, After}, _) -> value(try take(What, After) catch error:timeout_value -> {caught, badarg} end);
act(flush, _) -> value(flush());
act({serve, Tie, Name, Traits}, Driver) ->
    Args = case Name of none -> []; _ -> [{local, Name}] end ++ [oracle_server, {Driver, Traits}, []],
    Start = case Tie of none -> start; link -> start_link; monitor -> start_monitor end,
    case apply(gen_server, Start, Args) of
        {ok, {P, R}} -> {{ok, P}, [R]};
        Other -> value(Other)
    end;
act({call, To, Script, Timeout, _}, _) -> value(gen_server:call(To, Script, Timeout));
act({cast, To, Script}, _) -> value(gen_server:cast(To, Script));
%% As in Elixir, the exit of a failed stop says that it is one.
act({stop, To, Reason}, _) ->
    value(try gen_server:stop(To, Reason, infinity) catch exit:Why -> {exited, {Why, {gen_server, call, stop}}} end);
act({supervise, Flags, Children}, Driver) ->
    value(supervisor:start_link(oracle_supervisor, {Driver, Flags, Children}));
act({start_child, To, Child}, Driver) -> value(brief(supervisor:start_child(To, oracle_supervisor:spec(Driver, Child))));
act({count_children, To}, _) -> value([N || {_, N} <- supervisor:count_children(To)]);
act({Admin, To, Id}, _) -> value(brief(supervisor:Admin(To, Id))).

%% Why a start failed, without the child's spec.
brief({error, {Reason, {child, _, Id, _, _, _, _, _, _}}}) -> {error, {Reason, Id}};
brief(Other) -> Other.

left(false) -> false;
left(Ms) -> {remaining, Ms}.

%% An invalid timeout is refused before anything is taken.
take(_, After) when After < 0 -> receive '$nothing' -> nothing after After -> timeout end;
take(any, After) -> receive M when element(1, M) =/= '$do' -> M after After -> timeout end;
take(even, After) -> receive {message, N} = M when N rem 2 =:= 0 -> M after After -> timeout end;
take(down, After) -> receive M when element(1, M) =:= 'DOWN' -> M after After -> timeout end;
take(exit, After) -> receive M when element(1, M) =:= 'EXIT' -> M after After -> timeout end.

flush() -> receive M when element(1, M) =/= '$do' -> [M | flush()] after 0 -> [] end.
