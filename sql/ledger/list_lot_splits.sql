create or replace function ledger.list_lot_splits(
    p_lots      ledger.lots[],
    p_ratio_num bigint,
    p_ratio_den bigint
)
returns table (
    lot_seq          bigint,
    from_qty         bigint,
    to_qty           bigint,
    from_cost_micros bigint,
    to_cost_micros   bigint
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with held as (
        select l.lot_seq, l.queue_no, l.open_qty, l.open_cost_micros, sign(l.open_qty) as side,
               abs(l.open_qty)::numeric * p_ratio_num as exact,
               abs(l.open_cost_micros)::numeric as cost
          from unnest(p_lots) as l
         where l.open_qty <> 0
    ), ranked as (
        select h.*, div(h.exact, p_ratio_den) as whole,
               row_number() over (order by mod(h.exact, p_ratio_den) desc, h.queue_no) as place,
               div(sum(h.exact) over (), p_ratio_den)
               - sum(div(h.exact, p_ratio_den)) over () as extra
          from held as h
    ), sized as (
        select r.*, r.whole + case when r.place <= r.extra then 1 else 0 end as qty
          from ranked as r
    ), kept as (
        select s.*, greatest(s.exact - s.qty * p_ratio_den, 0) as lost,
               greatest(s.qty * p_ratio_den - s.exact, 0) as gained,
               case when s.qty * p_ratio_den >= s.exact then s.cost
                    else div(s.cost * s.qty * p_ratio_den + s.exact - 1, s.exact) end as kept
          from sized as s
    ), pooled as (
        select k.*, sum(k.cost - k.kept) over () as pool, nullif(sum(k.lost) over (), 0) as all_lost,
               sum(k.gained) over (order by k.queue_no) as gained_up_to
          from kept as k
    )
    select p.lot_seq, p.open_qty, (p.side * p.qty)::bigint, p.open_cost_micros,
           (p.side * (p.kept + coalesce(
               div(p.pool * p.gained_up_to, p.all_lost)
               - div(p.pool * (p.gained_up_to - p.gained), p.all_lost), 0)))::bigint
      from pooled as p;
$function$;

comment on function ledger.list_lot_splits(ledger.lots[], bigint, bigint) is
$$What a split of ratio_num new shares for ratio_den old ones makes of each open lot of a matching,
whose lots p_lots are. The
position's whole shares go to the lots by the largest remainder, the older lot first. A lot keeps its
cost; what lots lose in fractions is pooled, and those that are rounded up take their part of the pool:
what then is left of it is the cost of the fraction of a share that the position lost.$$;
