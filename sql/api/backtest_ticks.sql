create or replace function api.backtest_ticks(
    p_backtest_id uuid
)
returns table (
    tick_no     integer,
    session_on  date,
    bar_end_at  timestamptz,
    is_complete boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.tick_no, f.session_on, f.bar_end_at, f.is_complete
      from lab.list_ticks(p_backtest_id) as f
     order by f.tick_no;
$function$;

comment on function api.backtest_ticks(uuid) is
$$The ticks of a backtest.$$;
