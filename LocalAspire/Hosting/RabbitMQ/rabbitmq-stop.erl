%% Evaluated by the server once it is up. When the server ends, the management plug-in asks the application controller for
%% something while that waits for the plug-in to end: five seconds are lost before it gives up. Nobody needs the answer. Who asks is
%% killed, and what its supervisor says of that is no news.
spawn(fun() ->
    Quiet = fun
        (#{msg := {report, #{label := {supervisor, _}, report := Report}}}, _) ->
            case lists:keyfind(supervisor, 1, Report) of {supervisor, {local, rabbit_event_sup}} -> stop; _ -> ignore end;
        (_, _) -> ignore
    end,
    Release = fun(Release) ->
        case whereis(rabbit_event) of
            undefined -> ok;
            Pid -> case process_info(Pid, current_function) of
                {current_function, {gen, do_call, _}} -> logger:add_primary_filter(rabbit_event_ended, {Quiet, []}), exit(Pid, kill);
                _ -> timer:sleep(20), Release(Release)
            end
        end
    end,
    Ref = monitor(process, rabbit_mgmt_agent_sup),
    receive
        {'DOWN', Ref, _, _, noproc} -> ok;
        {'DOWN', Ref, _, _, _} -> Release(Release)
    end
end).
