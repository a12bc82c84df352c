create or replace function md.parse_bars(
    p_timeframe text,
    p_rows      jsonb,
    p_now_at    timestamptz
)
returns setof md.judged_bar
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with typed as (
        select r.*, i.exchange_id, coalesce(r.is_complete, 'true') as flag,
               core.parse_date(r.session_on) as day_on,
               core.parse_time(r.starts_at) as start_at, core.parse_time(r.ends_at) as end_at,
               core.parse_micros(r.open) as o, core.parse_micros(r.high) as h,
               core.parse_micros(r.low) as l, core.parse_micros(r.close) as c,
               core.parse_shares(r.volume) as v
          from jsonb_to_recordset(p_rows) as r (
               line_no bigint, symbol text, timeframe text, session_on text, starts_at text, ends_at text,
               open text, high text, low text, close text, volume text, is_complete text)
          left join ref.instruments as i on i.symbol = r.symbol
    )
    select t.line_no, t.symbol, s.session_on, s.ends_at, t.o, t.h, t.l, t.c, t.v,
           case when t.timeframe is distinct from p_timeframe then 'TIMEFRAME_DIFFERS'
                when t.exchange_id is null then 'SYMBOL_UNKNOWN'
                when num_nonnulls(t.session_on, t.starts_at, t.ends_at) <> 1
                     or num_nonnulls(t.day_on, t.start_at, t.end_at) <> 1
                     or t.day_on is not null and p_timeframe <> '1D' then 'TIME_INVALID'
                when s.session_on is null and t.day_on is not null then 'NOT_A_SESSION'
                when s.session_on is null then 'OUT_OF_SESSION'
                when p.symbol is null then 'NOT_LISTED'
                when t.start_at <> s.starts_at or t.end_at <> s.ends_at then 'NOT_ON_GRID'
                when t.flag <> 'true' then
                     case t.flag when 'false' then 'INCOMPLETE' else 'FLAG_INVALID' end
                when s.ends_at > p_now_at then 'NOT_CLOSED'
                when num_nulls(t.o, t.h, t.l, t.c) > 0 or least(t.o, t.h, t.l, t.c) <= 0
                     or greatest(t.o, t.h, t.l, t.c) > 10000000000000 then 'PRICE_INVALID'
                when t.l > least(t.o, t.c) or t.h < greatest(t.o, t.c) then 'OHLC_INSANE'
                when t.v is null or t.v < 0 then 'VOLUME_INVALID' end,
           format('%s %s o=%s h=%s l=%s c=%s v=%s', t.symbol,
                  coalesce(t.session_on, t.starts_at, t.ends_at), t.open, t.high, t.low, t.close,
                  t.volume)
      from typed as t
      left join lateral (
        select d.session_on, d.opens_at as starts_at, d.closes_at as ends_at
          from ref.sessions as d
         where d.exchange_id = t.exchange_id and d.session_on = t.day_on
         union all
        select g.*
          from ref.get_slot(t.exchange_id, p_timeframe,
                            coalesce(t.start_at, t.end_at - interval '1 us')) as g) as s on true
      left join ref.list_periods() as p
        on p.symbol = t.symbol and p.is_listed
       and s.session_on >= p.listed_on and s.session_on < p.delisted_on;
$function$;

comment on function md.parse_bars(text, jsonb, timestamptz) is
$$Every row of a batch in types, with the first law it breaks as its verdict, or null when it is good.
p_rows: [{line_no, symbol, timeframe, one of session_on (1D) | starts_at | ends_at (with offset), open,
high, low, close, volume, is_complete}], values as text; is_complete may be left out.
Why: a bar is a slot of an exchange session on which its symbol was listed, and is known only once that
slot has ended.$$;
