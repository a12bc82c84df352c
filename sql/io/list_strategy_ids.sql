create or replace function io.list_strategy_ids(
    p_run_id uuid
)
returns table (
    strategy_id   text,
    strategy_kind text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select s.strategy_id, s.strategy_kind
      from strat.assignments as a
      join strat.strategies as s using (strategy_id)
     where a.run_id = p_run_id;
$function$;

comment on function io.list_strategy_ids(uuid) is
$$The strategy of a run.$$;
