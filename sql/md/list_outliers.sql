create or replace function md.list_outliers(
    p_symbol      text,
    p_timeframe   text,
    p_from_at     timestamptz,
    p_outlier_bps integer,
    p_now_at      timestamptz
)
returns table (
    session_on   date,
    bar_end_at   timestamptz,
    close_micros bigint,
    before_micros bigint,
    move_bps     bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.session_on, b.bar_end_at, b.close_micros, b.before_micros,
           core.compute_move_bps(b.before_micros, b.close_micros)
      from (select b.session_on, b.bar_end_at, b.close_micros,
                   lag(b.bar_end_at) over (order by b.bar_end_at) as before_at,
                   lag(b.close_micros) over (order by b.bar_end_at) as before_micros
              from md.bars as b
             where b.symbol = p_symbol
               and b.timeframe = p_timeframe
               and b.bar_end_at <= p_now_at
               and b.bar_end_at >= coalesce((
                    select max(a.bar_end_at) from md.bars as a
                     where a.symbol = p_symbol and a.timeframe = p_timeframe
                       and a.bar_end_at < p_from_at), p_from_at)) as b
     where case when core.is_apart(b.before_micros, b.close_micros, p_outlier_bps) then (
               select core.is_apart(r.before, b.close_micros, p_outlier_bps)
                 from md.restate_price(
                      p_symbol, b.before_micros, b.before_at, b.bar_end_at) as r (before)) end
     order by b.bar_end_at;
$function$;

comment on function md.list_outliers(text, text, timestamptz, integer, timestamptz) is
$$The bars from p_from_at on whose close is further from the close before than p_outlier_bps of it, in raw
prices and in prices over the splits that were known at the bar: an announced split is none.$$;
