create or replace function api.backtest_cuts(
    p_backtest_id uuid,
    p_cuts        integer,
    p_seed        integer
)
returns table (
    cut_tick integer
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.cut_tick
      from lab.list_cuts(p_backtest_id, p_cuts, p_seed) as f (cut_tick);
$function$;

comment on function api.backtest_cuts(uuid, integer, integer) is
$$The ticks after which the future is changed to prove that nobody looked.$$;
