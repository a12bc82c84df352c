create or replace function io.get_strategy_context(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    strategy_id   text,
    strategy_kind text,
    bar_end_at    timestamptz,
    context       jsonb
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.strategy_id, f.strategy_kind, f.bar_end_at, f.context
      from strat.get_context(p_run_id, p_now_at) as f;
$function$;

comment on function io.get_strategy_context(uuid, timestamptz) is
$$Service door to strat.get_context.$$;
