create or replace function ops.list_order_books(
    p_run_id   uuid,
    p_order_id uuid
)
returns table (
    at       timestamptz,
    place    integer,
    seq      bigint,
    step     text,
    detail   text,
    evidence text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with f as (
        select f.*
          from oms.orders as o
          join ledger.fills as f
            on f.run_id = o.run_id and f.client_order_id = o.client_order_id
         where o.run_id = p_run_id and o.order_id = p_order_id
    )
    select f.booked_at, 9, f.fill_seq, lower(f.fill_kind),
           format('%s at %s, fee %s, execution %s', f.fill_qty, core.format_micros(f.price_micros),
                  core.format_micros(f.fee_micros), f.execution_id), 'ledger.fills ' || f.fill_seq
      from f
     union all
    select f.booked_at, 9, f.fill_seq, 'cash',
           format('cash %s by %s, realised %s', core.format_micros(e.cash_micros),
                  core.format_micros(e.cash_delta_micros),
                  core.format_micros(e.realized_delta_micros)), 'ledger.entries ' || e.entry_seq
      from f join ledger.entries as e using (run_id, fill_seq)
     union all
    select f.booked_at, 9, f.fill_seq, 'lot',
           format('opened %s at %s, %s of it open now', l.opened_qty,
                  core.format_micros(l.entry_price_micros), l.open_qty),
           format('ledger.lots %s %s', l.match_no, l.lot_seq)
      from f
      join ledger.positions as p using (run_id, symbol)
      join ledger.lots as l
        on (l.run_id, l.symbol, l.match_no, l.lot_seq)
           = (p.run_id, p.symbol, p.match_no, f.fill_seq)
     union all
    select f.booked_at, 9, f.fill_seq, 'close',
           format('%s from %s to %s: %s', c.closed_qty,
                  core.format_micros(c.cost_micros / c.closed_qty),
                  core.format_micros(c.exit_price_micros), core.format_micros(c.realized_micros)),
           format('ledger.lot_closes %s %s %s', c.match_no, c.fill_seq, c.lot_seq)
      from f
      join ledger.positions as p using (run_id, symbol)
      join ledger.lot_closes as c
        on (c.run_id, c.symbol, c.match_no, c.fill_seq)
           = (p.run_id, p.symbol, p.match_no, f.fill_seq);
$function$;

comment on function ops.list_order_books(uuid, uuid) is
$$What an order did to the books: fills, cash, lots opened, lots closed; lots as they are matched now.$$;
