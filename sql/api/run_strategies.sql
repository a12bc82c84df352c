create or replace function api.run_strategies()
returns table (
    strategy_id   text,
    strategy_kind text,
    version       text,
    is_enabled    boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select s.strategy_id, s.strategy_kind, s.version, s.is_enabled
      from strat.strategies as s
     order by s.strategy_id collate "C";
$function$;

comment on function api.run_strategies() is
$$Registered strategies.$$;
