%% Terms in the words that both sides use: processes and refs by number, errors without their stacks.
-module(oracle_text).
-export([text/1, name_of/1]).

name_of(Pid) -> numbered($p, Pid, [P || {P, _} <- get(pids)]).

numbered(Letter, Item, Latest) ->
    case length(lists:dropwhile(fun(Other) -> Other =/= Item end, Latest)) of
        0 -> "?";
        Number -> [Letter | integer_to_list(Number - 1)]
    end.

text(Pid) when is_pid(Pid) -> name_of(Pid);
text(Ref) when is_reference(Ref) -> numbered($r, Ref, get(refs));
text(Atom) when is_atom(Atom) -> atom_to_list(Atom);
text(Number) when is_integer(Number) -> integer_to_list(Number);
text(Binary) when is_binary(Binary) -> binary_to_list(Binary);
text({message, N}) -> [$m | integer_to_list(N)];
text({remaining, Ms}) -> ["left ", integer_to_list((Ms + get(unit) - 1) div get(unit))];
text({'EXIT', From, Reason}) -> words(["EXIT", From, Reason]);
text({'DOWN', Ref, process, {Name, _}, Reason}) -> words(["DOWN", Ref, "name", Name, Reason]);
text({'DOWN', Ref, process, Pid, Reason}) -> words(["DOWN", Ref, Pid, Reason]);
text({{nocatch, Value}, [{_, _, _, _} | _]}) -> ["nocatch ", text(Value)];
text({Reason, [{_, _, _, _} | _]}) -> ["error ", text(Reason)];
text({Reason, {gen_server, call, _}}) -> ["call ", text(Reason)];
text({Reason, {sys, terminate, _}}) -> ["call ", text(Reason)];
text(Tuple) when is_tuple(Tuple) -> ["{", words(tuple_to_list(Tuple)), "}"];
text([alias | _]) -> "alias";
text(List) when is_list(List) -> ["[", words(List), "]"].

words(Terms) -> lists:join($\s, [case io_lib:printable_list(T) andalso T =/= [] of true -> T; false -> text(T) end || T <- Terms]).
