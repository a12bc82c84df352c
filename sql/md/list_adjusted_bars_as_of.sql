create or replace function md.list_adjusted_bars_as_of(
    p_symbol     text,
    p_timeframe  text,
    p_limit      integer,
    p_adjustment text,
    p_bar_end_at timestamptz,
    p_as_of_at   timestamptz
)
returns table (
    session_on   date,
    bar_end_at   timestamptz,
    open_micros  bigint,
    high_micros  bigint,
    low_micros   bigint,
    close_micros bigint,
    volume       bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with factors as materialized (
        select f.* from md.list_adjustment_factors(
            p_symbol, p_timeframe, p_adjustment, p_as_of_at) as f
    )
    select b.session_on, b.bar_end_at,
           core.restate_price(b.open_micros, f.price_num, f.price_den),
           core.restate_price(b.high_micros, f.price_num, f.price_den),
           core.restate_price(b.low_micros, f.price_num, f.price_den),
           core.restate_price(b.close_micros, f.price_num, f.price_den),
           round(b.volume * f.qty_num / f.qty_den)::bigint
      from md.list_bars_as_of(p_symbol, p_timeframe, p_limit, p_bar_end_at) as b
     cross join lateral (
        select s.price_num, s.price_den, s.qty_num, s.qty_den
          from (select f.* from factors as f
                 union all
                select 'infinity', 1, 1, 1, 1) as s
         where s.effective_at > b.bar_end_at
         order by s.effective_at
         limit 1) as f
     order by b.bar_end_at;
$function$;

comment on function md.list_adjusted_bars_as_of(text, text, integer, text, timestamptz, timestamptz) is
$$The last p_limit bars of a symbol that had closed by p_bar_end_at, in the shares and, for ALL, less the
dividends of p_as_of_at; oldest first. A value is multiplied by one exact ratio and rounded once, half away
from zero, a price to at least 1 micro; a bar that no action came after is as it is stored.
Why: stored bars stay raw; what was announced or took effect later changes no window of before.$$;
