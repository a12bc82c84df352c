create or replace function md.parse_bars(
    p_timeframe text,
    p_rows      jsonb,
    p_now_at    timestamptz
)
returns setof md.judged_bar
language sql
stable
set search_path = pg_catalog, pg_temp
set enable_mergejoin = off
set work_mem = '32MB'
as $function$
    with typed as materialized (
        select r.*, coalesce(r.start_at, r.end_at - interval '1 us') as at,
               date_bin('1 day', coalesce(r.start_at, r.end_at - interval '1 us'), 'epoch') as from_at
          from (select w.* from md.type_rows(p_rows) as w offset 0) as r
    ),
    days as (
        select d.exchange_id, d.from_at, s.session_on, s.opens_at, s.closes_at
          from (select distinct t.exchange_id, t.from_at from typed as t) as d
          cross join lateral ref.list_sessions_of_day(d.exchange_id, d.from_at) as s
    ),
    slotted as (
        select t.*, coalesce(n.session_on, d.session_on) as session_on,
               ref.compute_slot_start(f.bar_length, d.opens_at, t.at) as slot_at,
               coalesce(n.closes_at, ref.compute_slot_end(
                   f.bar_length, d.opens_at, d.closes_at, t.at)) as slot_end_at
          from typed as t
          join ref.timeframes as f on f.timeframe = p_timeframe
          left join days as d
            on d.exchange_id = t.exchange_id and d.from_at = t.from_at
           and d.opens_at <= t.at and d.closes_at > t.at
          left join ref.sessions as n on n.exchange_id = t.exchange_id and n.session_on = t.day_on
        offset 0
    )
    select s.line_no, s.symbol, s.session_on, s.slot_end_at, s.o, s.h, s.l, s.c, s.v,
           case when not s.is_whole then 'FIELDS_MISSING'
                when s.timeframe is distinct from p_timeframe then 'TIMEFRAME_DIFFERS'
                when s.exchange_id is null then 'SYMBOL_UNKNOWN'
                when s.times <> 1 or num_nonnulls(s.day_on, s.at) <> 1
                     or s.day_on is not null and p_timeframe <> '1D' then 'TIME_INVALID'
                when s.session_on is null and s.day_on is not null then 'NOT_A_SESSION'
                when s.session_on is null then 'OUT_OF_SESSION'
                when p.symbol is null then 'NOT_LISTED'
                when s.start_at <> s.slot_at or s.end_at <> s.slot_end_at then 'NOT_ON_GRID'
                when s.flag <> 'true' then
                     case s.flag when 'false' then 'INCOMPLETE' else 'FLAG_INVALID' end
                when s.slot_end_at > p_now_at then 'NOT_CLOSED'
                when num_nulls(s.o, s.h, s.l, s.c) > 0 or least(s.o, s.h, s.l, s.c) <= 0
                     or greatest(s.o, s.h, s.l, s.c) > 10000000000000 then 'PRICE_INVALID'
                when s.l > least(s.o, s.c) or s.h < greatest(s.o, s.c) then 'OHLC_INSANE'
                when s.v is null or s.v < 0 then 'VOLUME_INVALID' end,
           s.told
      from slotted as s
      left join ref.list_periods() as p
        on p.symbol = s.symbol and p.is_listed
       and s.session_on >= p.listed_on and s.session_on < p.delisted_on;
$function$;

comment on function md.parse_bars(text, jsonb, timestamptz) is
$$Every row of a batch in types, with the first law it breaks as its verdict, or null when it is good.
p_rows: as md.read_rows takes them, values as text, one of session_on (1D) | starts_at | ends_at (with
offset); is_complete may be left out.
Why: a bar is a slot of an exchange session on which its symbol was listed, and is known only once that
slot has ended.$$;
