create or replace function md.list_open_outliers(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    symbol        text,
    session_on    date,
    bar_end_at    timestamptz,
    close_micros  bigint,
    before_micros bigint,
    move_bps      bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select w.symbol, o.session_on, o.bar_end_at, o.close_micros, o.before_micros, o.move_bps
      from md.policies as p
      cross join lateral md.list_windows(
           p.run_id, p_now_at - p.stale_after_ms * interval '1 ms') as w
      cross join lateral md.list_outliers(
           w.symbol, w.timeframe, w.from_at, p.outlier_bps, p_now_at) as o
     where p.run_id = p_run_id
       and not md.is_ruled(
           w.symbol, w.timeframe, o.bar_end_at, 'OUTLIER', '-infinity'::timestamptz, p_now_at);
$function$;

comment on function md.list_open_outliers(uuid, timestamptz) is
$$The closes in a run's window that jumped further than data.outlier_bps, and which nobody has accepted.$$;
