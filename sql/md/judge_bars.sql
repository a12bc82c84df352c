create or replace function md.judge_bars(
    p_feed      text,
    p_is_second boolean,
    p_timeframe text,
    p_rows      jsonb,
    p_now_at    timestamptz
)
returns setof md.judged_bar
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with parsed as materialized (
        select p.*, row_number() over () as nth
          from md.parse_bars(p_timeframe, p_rows, p_now_at) as p
    ),
    repeated as (
        select p.symbol, p.bar_end_at, min(p.nth) as first, count(distinct (
               p.open_micros, p.high_micros, p.low_micros, p.close_micros, p.volume)) as versions
          from (select g.symbol, g.bar_end_at from parsed as g where g.verdict is null
                 group by g.symbol, g.bar_end_at having count(*) > 1) as r
          join parsed as p
            on p.symbol = r.symbol and p.bar_end_at = r.bar_end_at and p.verdict is null
         group by p.symbol, p.bar_end_at
    )
    select c.line_no, c.symbol, c.session_on, c.bar_end_at, c.open_micros, c.high_micros, c.low_micros,
           c.close_micros, c.volume,
           case when c.verdict is not null then c.verdict
                when r.versions > 1 then 'CONFLICT_IN_BATCH'
                when c.nth > r.first then 'DUPLICATE'
                when b.volume is null then 'NEW'
                when (b.open_micros, b.high_micros, b.low_micros, b.close_micros, b.volume)
                     = (c.open_micros, c.high_micros, c.low_micros, c.close_micros, c.volume)
                then 'KNOWN'
                else 'CONFLICT' end,
           c.detail
      from parsed as c
      left join repeated as r on r.symbol = c.symbol and r.bar_end_at = c.bar_end_at
      left join lateral (
        select b.open_micros, b.high_micros, b.low_micros, b.close_micros, b.volume
          from md.bars as b
         where not p_is_second and b.symbol = c.symbol and b.timeframe = p_timeframe
           and b.bar_end_at = c.bar_end_at
         union all
        select o.open_micros, o.high_micros, o.low_micros, o.close_micros, o.volume
          from md.observations as o
         where p_is_second and o.symbol = c.symbol and o.timeframe = p_timeframe
           and o.bar_end_at = c.bar_end_at and o.feed = p_feed) as b on c.verdict is null;
$function$;

comment on function md.judge_bars(text, boolean, text, jsonb, timestamptz) is
$$Every row of a batch with its verdict: a law that it breaks, or NEW, KNOWN, DUPLICATE in the batch,
CONFLICT with what is stored, CONFLICT_IN_BATCH with another row (then none of them is taken).
Why: what becomes of a row does not depend on the order of the rows.$$;
