create or replace function replay.describe_entry(
    p_fill       ledger.fills,
    p_adjustment ledger.adjustments,
    p_held       ledger.positions,
    p_match_no   bigint,
    p_lots       ledger.lots[],
    p_lieu       bigint,
    p_rows       jsonb
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    with is_now as (
        select (select coalesce(sum(l.open_qty), 0) from unnest(p_lots) as l)::bigint as qty,
               (select coalesce(sum(l.open_cost_micros), 0) from unnest(p_lots) as l)::bigint as cost,
               case when p_match_no = coalesce(p_held.match_no, 1)
                    then coalesce(p_held.realized_micros, 0) else 0 end
               + coalesce(sum((r.row_data ->> 'realized_micros')::bigint) filter (
                     where r.table_name in ('ledger.lot_closes', 'ledger.splits')), 0)::bigint as realized,
               case when p_match_no = coalesce(p_held.match_no, 1) then p_lieu else 0 end
               + coalesce(sum((r.row_data ->> 'cash_micros')::bigint) filter (
                     where r.table_name = 'ledger.splits'), 0)::bigint as lieu
          from jsonb_to_recordset(p_rows) as r (table_name text, row_data jsonb)
    )
    select jsonb_build_object(
               'run_id', coalesce(p_fill.run_id, p_adjustment.run_id),
               'entry_kind', case when p_fill.fill_seq is null then 'SPLIT'
                                  when p_fill.reverses_seq is null then 'FILL' else 'REVERSAL' end,
               'fill_seq', p_fill.fill_seq, 'adjustment_seq', p_adjustment.adjustment_seq,
               'symbol', p.symbol, 'qty_delta', n.qty - coalesce(p_held.position_qty, 0),
               'cash_delta_micros', coalesce(-p_fill.fill_qty * p_fill.price_micros
                                             - p_fill.fee_micros, 0) + n.lieu - p_lieu,
               'cost_delta_micros', n.cost - coalesce(p_held.cost_micros, 0),
               'realized_delta_micros', n.realized - coalesce(p_held.realized_micros, 0),
               'fee_delta_micros', coalesce(p_fill.fee_micros, 0), 'booked_at', p.booked_at,
               'lieu', n.lieu, 'position', jsonb_build_object(
                   'run_id', coalesce(p_fill.run_id, p_adjustment.run_id), 'symbol', p.symbol,
                   'match_no', p_match_no, 'position_qty', n.qty, 'cost_micros', n.cost,
                   'realized_micros', n.realized, 'changed_at', p.booked_at))
      from is_now as n
     cross join (select coalesce(p_fill.symbol, p_adjustment.symbol) as symbol,
                        coalesce(p_fill.booked_at, p_adjustment.applied_at) as booked_at) as p;
$function$;

comment on function replay.describe_entry(
    ledger.fills, ledger.adjustments, ledger.positions, bigint, ledger.lots[], bigint, jsonb) is
$$What a booking changed, and the position after it (position; lieu: cash in lieu of its matching). A new
matching counts from zero.$$;
