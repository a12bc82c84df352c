create or replace function md.list_adjustment_factors(
    p_symbol     text,
    p_timeframe  text,
    p_adjustment text,
    p_as_of_at   timestamptz
)
returns table (
    effective_at timestamptz,
    price_num    numeric,
    price_den    numeric,
    qty_num      numeric,
    qty_den      numeric
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive acts as materialized (
        select row_number() over (order by a.effective_at desc, a.action_kind desc) as nth,
               a.effective_at,
               case a.action_kind when 'SPLIT' then a.ratio_den
                    else greatest(c.close_micros - a.amount_micros, 1) end::numeric as price_num,
               case a.action_kind when 'SPLIT' then a.ratio_num
                    else c.close_micros end::numeric as price_den,
               a.ratio_num::numeric as qty_num, a.ratio_den::numeric as qty_den
          from md.list_actions_as_of(p_symbol, p_as_of_at) as a
          left join lateral md.list_bars_as_of(
               p_symbol, p_timeframe, 1, a.effective_at - interval '1 us') as c
            on a.action_kind = 'CASH_DIVIDEND'
         where a.effective_at <= p_as_of_at
           and (a.action_kind = 'SPLIT' and p_adjustment in ('SPLITS', 'ALL')
                or p_adjustment = 'ALL' and c.close_micros is not null)
    ), product as (
        select a.* from acts as a where a.nth = 1
         union all
        select a.nth, a.effective_at, a.price_num * p.price_num, a.price_den * p.price_den,
               a.qty_num * p.qty_num, a.qty_den * p.qty_den
          from product as p
          join acts as a on a.nth = p.nth + 1
    )
    select p.effective_at, p.price_num, p.price_den, p.qty_num, p.qty_den
      from product as p
     order by p.nth;
$function$;

comment on function md.list_adjustment_factors(text, text, text, timestamptz) is
$$By what a price (price_num / price_den) and a volume (qty_num / qty_den) of before effective_at are
multiplied to stand beside those of p_as_of_at, newest first: each row is the exact product of its action
and all later ones. p_adjustment: RAW nothing, SPLITS splits, ALL dividends too, by (close before the ex
session - amount) / close.
Why: only what had taken effect, and been announced, by p_as_of_at counts.$$;
