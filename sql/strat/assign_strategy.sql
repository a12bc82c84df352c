create or replace function strat.assign_strategy(
    p_run_id      uuid,
    p_strategy_id text,
    p_timeframe   text,
    p_window_bars integer,
    p_parameters  jsonb,
    p_stop_bps    integer
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        exists (select from strat.strategies as s
                 where s.strategy_id = p_strategy_id and s.is_enabled),
        'MQN05', p_strategy_id);
    insert into strat.assignments (run_id, strategy_id, timeframe, window_bars, parameters, stop_bps)
    values (p_run_id, p_strategy_id, p_timeframe, p_window_bars, p_parameters, p_stop_bps);
end;
$function$;

comment on function strat.assign_strategy(uuid, text, text, integer, jsonb, integer) is
$$Binds a run to its one strategy, window, parameters and protective stop.
Raises: MQN05 not registered or not enabled; 23505 the run has one already.$$;
