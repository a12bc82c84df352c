create or replace function ops.check_artifact(
    p_run_id uuid
)
returns table (
    check_name text,
    is_ok      boolean,
    detail     text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 'strategy_is_promoted',
           r.mode <> 'LIVE'
           or (a.strategy_id = s.strategy_id and a.strategy_version = s.version) is true,
           case when r.mode <> 'LIVE' then r.mode
                when a.artifact_id is null
                then 'no artifact of this strategy with these parameters, limits and timeframe'
                else format('%s %s was promoted, %s %s is registered', a.strategy_id,
                            a.strategy_version, s.strategy_id, s.version) end,
           'mqk promote judge a backtest of this very config'
      from run.runs as r
      left join strat.assignments as m using (run_id)
      left join strat.strategies as s using (strategy_id)
      left join lateral run.find_artifact(r.config_hash) as a on true
     where r.run_id = p_run_id;
$function$;

comment on function ops.check_artifact(uuid) is
$$The preflight check that a LIVE run trades what was promoted: strategy, version, parameters, limits.$$;
