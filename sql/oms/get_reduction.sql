create or replace function oms.get_reduction(
    p_row oms.outbox,
    out flatten_seq bigint,
    out order_qty   bigint,
    out held_qty    bigint,
    out buy_qty     bigint,
    out sell_qty    bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select (risk.get_flatten(p_row.run_id)).halted_seq, o.order_qty,
           ledger.get_position_qty(p_row.run_id, o.symbol), coalesce(s.buy_qty, 0),
           coalesce(s.sell_qty, 0)
      from oms.orders as o
      left join oms.list_open_shares(p_row.run_id, p_row.order_id) as s using (symbol)
     where o.run_id = p_row.run_id and o.order_id = p_row.order_id and p_row.lane = 'REDUCING';
$function$;

comment on function oms.get_reduction(oms.outbox) is
$$What a request of the reducing lane rests on: its flatten, its signed shares, the shares held, and what
all other unfinished orders of its symbol may still buy and sell. Nulls for any other request.$$;
