%% A real Erlang at the other end of two pipes, since standard input is taken by the shell: packets of four bytes of length, of which the first byte says what to do.
-module(answer).
-export([main/0]).

main() ->
    answer(open_port({fd, 3, 4}, [binary, eof, {packet, 4}])).

answer(Port) ->
    receive
        {Port, {data, Request}} ->
            Port ! {self(), {command, try reply(Request) catch Class:Reason -> [1, io_lib:format("~p:~p", [Class, Reason])] end}},
            answer(Port);
        {Port, eof} ->
            halt()
    end.

%% The term in Erlang's own encoding.
reply(<<"echo", Term/binary>>) ->
    [0, term_to_binary(binary_to_term(Term))];
%% The term printed.
reply(<<"show", Term/binary>>) ->
    [0, unicode:characters_to_binary(io_lib:format("~0tp", [binary_to_term(Term)]))];
%% Whether both are exactly equal.
reply(<<"same", Length:32, One:Length/binary, Other/binary>>) ->
    [0, case binary_to_term(One) =:= binary_to_term(Other) of true -> 1; false -> 0 end];
%% A random term, of any kind that messages have.
reply(<<"term", Seed:32>>) ->
    rand:seed(exsss, Seed),
    [0, term_to_binary(term(4, any))];
%% A random term of what comes back from us exactly as it was.
reply(<<"kept", Seed:32>>) ->
    rand:seed(exsss, Seed),
    [0, term_to_binary(term(4, kept))].

term(0, Kind) -> leaf(Kind);
term(Depth, Kind) ->
    case rand:uniform(8) of
        1 -> [term(Depth - 1, Kind) || _ <- lists:seq(1, rand:uniform(6))];
        2 -> [rand:uniform(256) - 1 || _ <- lists:seq(1, rand:uniform(300))];
        3 -> maps:from_list([{key(Kind), term(Depth - 1, Kind)} || _ <- lists:seq(1, rand:uniform(40))]);
        4 when Kind =:= any -> list_to_tuple([term(Depth - 1, Kind) || _ <- lists:seq(1, rand:uniform(5) - 1)]);
        5 -> [];
        6 -> #{};
        _ -> leaf(Kind)
    end.

leaf(Kind) ->
    case rand:uniform(10) of
        1 -> rand:uniform(512) - 256;
        2 -> rand:uniform(1 bsl 33) - (1 bsl 32);
        3 -> (1 bsl (rand:uniform(3000))) - rand:uniform(1000);
        4 -> -(1 bsl rand:uniform(70)) + rand:uniform(3) - 2;
        5 -> (rand:uniform() - 0.5) * math:pow(10, rand:uniform(30) - 20);
        6 -> text();
        7 -> lists:nth(rand:uniform(4), [true, false, nil, undefined]);
        8 -> make_ref();
        9 -> spawn(fun() -> ok end);
        10 when Kind =:= any -> list_to_atom(text_of(rand:uniform(20), 255));
        10 -> text()
    end.

%% Keys that are atoms come back as binaries.
key(kept) -> text();
key(any) -> case rand:uniform(3) of 1 -> lists:nth(rand:uniform(4), [type, from, 'a b', 'Ä']); _ -> text() end.

text() ->
    unicode:characters_to_binary(text_of(rand:uniform(60) - 1, lists:nth(rand:uniform(3), [16#7f, 16#7ff, 16#d7ff]))).

text_of(Length, Highest) ->
    [rand:uniform(Highest) || _ <- lists:seq(1, Length)].
