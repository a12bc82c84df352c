create or replace function replay.match_split(
    p_lots       ledger.lots[],
    p_adjustment ledger.adjustments,
    p_match_no   bigint,
    out lots       ledger.lots[],
    out split      ledger.splits,
    out lot_splits ledger.lot_splits[]
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with made as materialized (
        select l.*, s.to_qty, s.to_cost_micros, s.from_qty, s.from_cost_micros, s.lot_seq as split_lot
          from unnest(p_lots) as l
          left join ledger.list_lot_splits(
               p_lots, p_adjustment.ratio_num, p_adjustment.ratio_den) as s using (lot_seq)
    ), held as (
        select coalesce(sum(m.from_qty), 0)::bigint as qty,
               coalesce(sum(m.from_cost_micros - m.to_cost_micros), 0)::bigint as cost,
               mod(coalesce(sum(m.from_qty), 0) * p_adjustment.ratio_num, p_adjustment.ratio_den) as rest
          from made as m
    ), paid as (
        select h.*, case when h.rest = 0 then 0
                         else floor(h.rest * p_adjustment.reference_micros / p_adjustment.ratio_num) end
                    ::bigint as cash
          from held as h
    )
    select (select array_agg(jsonb_populate_record(l, jsonb_build_object(
                       'open_qty', m.to_qty, 'open_cost_micros', m.to_cost_micros,
                       'split_qty', l.split_qty + m.to_qty - m.from_qty,
                       'split_seq', p_adjustment.adjustment_seq)) order by l.queue_no)
              from unnest(p_lots) as l join made as m using (lot_seq) where m.split_lot is not null),
           jsonb_populate_record(null::ledger.splits, to_jsonb(p_adjustment) || jsonb_build_object(
               'match_no', p_match_no, 'held_qty', p.qty, 'cost_micros', p.cost,
               'cash_micros', p.cash, 'realized_micros', p.cash - p.cost,
               'new_qty', div(p.qty::numeric * p_adjustment.ratio_num, p_adjustment.ratio_den))),
           (select array_agg(jsonb_populate_record(null::ledger.lot_splits, to_jsonb(m)
                       || jsonb_build_object('adjustment_seq', p_adjustment.adjustment_seq)))
              from made as m where m.split_lot is not null)
      from paid as p;
$function$;

comment on function replay.match_split(ledger.lots[], ledger.adjustments, bigint) is
$$What a split makes of the open lots of its symbol, by ledger.list_lot_splits: the lots after it, the
position's row, and each lot's.
Why: as ledger.split_lots, without a table. Lots that were closed before are not in the array given back.$$;
