create or replace function lab.ask_step(
    p_study_id uuid,
    p_now_at   timestamptz
)
returns table (
    backtest_id uuid,
    config      text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_step lab.steps := lab.take_step(p_study_id, p_now_at);
begin
    return query
    select b.backtest_id, c.canonical_json
      from lab.backtests as b
      join run.configs as c using (config_hash)
     where b.backtest_id = v_step.backtest_id
       and lab.hash_strategy(b.strategy_id) is null
       and not exists (select from lab.signal_sets as g where g.backtest_id = b.backtest_id);
end;
$function$;

comment on function lab.ask_step(uuid, timestamptz) is
$$The backtest of a study's next step, and its config, if its strategy lives outside the database and has
not given its signals; else no row.
Raises: MQN86.$$;
