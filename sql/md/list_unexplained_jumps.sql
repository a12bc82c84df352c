create or replace function md.list_unexplained_jumps(
    p_symbol        text,
    p_timeframe     text,
    p_from_on       date,
    p_tolerance_bps integer,
    p_now_at        timestamptz
)
returns table (
    session_on   date,
    before_micros bigint,
    open_micros  bigint,
    looks_like   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with days as (
        select b.session_on, min(b.bar_end_at) as first_at, max(b.bar_end_at) as last_at
          from md.bars as b
         where b.symbol = p_symbol and b.timeframe = p_timeframe
           and b.session_on >= p_from_on and b.bar_end_at <= p_now_at
         group by b.session_on
    ), nights as (
        select d.session_on, d.first_at, lag(d.last_at) over (order by d.session_on) as before_at
          from days as d
    ), jumps as (
        select n.session_on, c.close_micros, o.open_micros,
               c.close_micros * f.ratio_den / (o.open_micros * f.ratio_num) as factor
          from nights as n
          join md.bars as c
            on (c.symbol, c.timeframe, c.bar_end_at) = (p_symbol, p_timeframe, n.before_at)
          join md.bars as o
            on (o.symbol, o.timeframe, o.bar_end_at) = (p_symbol, p_timeframe, n.first_at)
         cross join lateral md.get_split_factor_known(p_symbol, n.before_at, n.first_at, p_now_at) as f
    )
    select j.session_on, j.close_micros, j.open_micros, r.looks_like
      from jumps as j
     cross join lateral (
        select format('%s for %s', r.num, r.den) as looks_like
          from md.list_usual_ratios() as r
         where abs(j.factor * r.den - r.num) * 10000 <= r.num * p_tolerance_bps::numeric
         order by abs(j.factor * r.den / r.num - 1), r.num, r.den
         limit 1) as r
     where p_tolerance_bps > 0
       and not exists (select from md.cleared_jumps as x
                        where x.symbol = p_symbol and x.session_on = j.session_on
                          and x.cleared_at <= p_now_at)
     order by j.session_on;
$function$;

comment on function md.list_unexplained_jumps(text, text, date, integer, timestamptz) is
$$Sessions from p_from_on on whose first open stands to the close before it as if shares had been split,
within p_tolerance_bps (0: none is looked for), after the splits that are known at p_now_at: a split that
nobody announced, or one that the bars do not show, because the feed had adjusted them. Not those that a
person has cleared.
Why: a fall of half may be a split or a catastrophe; a machine that guesses trades on the guess.$$;
