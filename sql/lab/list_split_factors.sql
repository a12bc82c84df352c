create or replace function lab.list_split_factors(
    p_splits  lab.splits[],
    p_tick_no integer
)
returns table (
    symbol_no  integer,
    from_tick  integer,
    until_tick integer,
    from_at    timestamptz,
    until_at   timestamptz,
    price_num  numeric,
    price_den  numeric
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive acts as materialized (
        select s.*, row_number() over (partition by s.symbol_no order by s.tick_no desc) as nth,
               lag(s.tick_no, 1, 1) over w as from_tick,
               lag(s.effective_at, 1, '-infinity') over w as from_at
          from unnest(p_splits) as s
         where s.tick_no <= p_tick_no
        window w as (partition by s.symbol_no order by s.tick_no)
    ), product as (
        select a.symbol_no, a.nth, a.from_tick, a.tick_no, a.from_at, a.effective_at,
               a.ratio_den::numeric as num, a.ratio_num::numeric as den
          from acts as a where a.nth = 1
         union all
        select a.symbol_no, a.nth, a.from_tick, a.tick_no, a.from_at, a.effective_at,
               a.ratio_den * p.num, a.ratio_num * p.den
          from product as p
          join acts as a on a.symbol_no = p.symbol_no and a.nth = p.nth + 1
    )
    select p.symbol_no, p.from_tick, p.tick_no, p.from_at, p.effective_at, p.num, p.den from product as p;
$function$;

comment on function lab.list_split_factors(lab.splits[], integer) is
$$By what a price of the ticks from_tick..until_tick - 1 is multiplied (price_num / price_den), and a volume
divided, to stand beside those of p_tick_no: the exact product of all splits between. What no split came
after has no row.
Why: a split after p_tick_no changes no window of before.$$;
