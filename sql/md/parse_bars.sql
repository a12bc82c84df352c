create or replace function md.parse_bars(
    p_timeframe text,
    p_rows      jsonb,
    p_now_at    timestamptz
)
returns table (
    line_no      bigint,
    symbol       text,
    session_on   date,
    bar_end_at   timestamptz,
    open_micros  bigint,
    high_micros  bigint,
    low_micros   bigint,
    close_micros bigint,
    volume       bigint,
    finding      text,
    detail       text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with typed as (
        select r.line_no, r.symbol, r.timeframe, r.session_on as session_text,
               i.symbol as known_symbol, s.session_on, s.closes_at,
               core.parse_micros(r.open) as o, core.parse_micros(r.high) as h,
               core.parse_micros(r.low) as l, core.parse_micros(r.close) as c,
               core.parse_shares(r.volume) as v,
               row_number() over (partition by r.symbol, r.session_on order by r.line_no) as nth,
               r.open, r.high, r.low, r.close, r.volume
          from jsonb_to_recordset(p_rows) as r (
               line_no bigint, symbol text, timeframe text, session_on text,
               open text, high text, low text, close text, volume text)
          left join ref.instruments as i on i.symbol = r.symbol
          left join ref.sessions as s
            on s.exchange_id = i.exchange_id and s.session_on = core.parse_date(r.session_on)
    )
    select t.line_no, t.symbol, t.session_on, t.closes_at, t.o, t.h, t.l, t.c, t.v,
           case when t.timeframe is distinct from p_timeframe then 'TIMEFRAME_DIFFERS'
                when t.known_symbol is null then 'SYMBOL_UNKNOWN'
                when t.session_on is null then 'NOT_A_SESSION'
                when t.closes_at > p_now_at then 'NOT_CLOSED'
                when num_nulls(t.o, t.h, t.l, t.c) > 0 or least(t.o, t.h, t.l, t.c) <= 0
                     or greatest(t.o, t.h, t.l, t.c) > 10000000000000 then 'PRICE_INVALID'
                when t.l > least(t.o, t.c) or t.h < greatest(t.o, t.c) then 'OHLC_INSANE'
                when t.v is null or t.v < 0 then 'VOLUME_INVALID'
                when t.nth > 1 then 'DUPLICATE_IN_BATCH' end,
           format('%s %s o=%s h=%s l=%s c=%s v=%s', t.symbol, t.session_text, t.open, t.high,
                  t.low, t.close, t.volume)
      from typed as t;
$function$;

comment on function md.parse_bars(text, jsonb, timestamptz) is
$$Every row of a batch in types, with the first law it breaks (finding), or null when it is good.
p_rows: [{line_no, symbol, timeframe, session_on, open, high, low, close, volume}], values as text.
Why: a daily bar belongs to an exchange session and is known only once that session has closed.$$;
