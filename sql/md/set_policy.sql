create or replace function md.set_policy(
    p_run_id          uuid,
    p_timeframe       text,
    p_stale_after_ms  bigint,
    p_gap_window_bars integer
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into md.policies (run_id, timeframe, stale_after_ms, gap_window_bars)
    values (p_run_id, p_timeframe, p_stale_after_ms, p_gap_window_bars);
$function$;

comment on function md.set_policy(uuid, text, bigint, integer) is
$$Pins a run's data policy at its creation.
Raises: 23514 out of range; 23505 set already; 23503 no such timeframe.$$;
