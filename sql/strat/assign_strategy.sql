create or replace function strat.assign_strategy(
    p_run_id      uuid,
    p_strategy_id text,
    p_timeframe   text,
    p_window_bars integer,
    p_parameters  jsonb
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
    insert into strat.assignments (run_id, strategy_id, timeframe, window_bars, parameters)
    values (p_run_id, p_strategy_id, p_timeframe, p_window_bars, p_parameters);
end;
$function$;

comment on function strat.assign_strategy(uuid, text, text, integer, jsonb) is
$$Binds a run to its one strategy, window and parameters.
Raises: MQN05 not registered or not enabled; 23505 the run has one already.$$;
