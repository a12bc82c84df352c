create or replace function sim.fill_order(
    p_order        sim.orders,
    p_qty          bigint,
    p_price_micros bigint,
    p_now_at       timestamptz
)
returns sim.orders
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order sim.orders;
    v_fee   bigint;
begin
    select sim.compute_fee(p_qty, p_price_micros, a.fee_per_share_micros, a.fee_bps) into v_fee
      from sim.accounts as a where a.account_id = p_order.account_id;
    update sim.orders as o
       set filled_qty   = o.filled_qty + p_qty,
           order_status = case when o.filled_qty + p_qty = abs(o.order_qty)
                               then 'FILLED' else 'PARTIALLY_FILLED' end
     where o.account_id = p_order.account_id and o.broker_order_id = p_order.broker_order_id
    returning o.* into v_order;
    update sim.accounts as a
       set cash_micros = a.cash_micros - sign(v_order.order_qty)::bigint * p_qty * p_price_micros
                         - v_fee
     where a.account_id = v_order.account_id;
    insert into sim.positions (account_id, symbol, position_qty)
    values (v_order.account_id, v_order.symbol, sign(v_order.order_qty)::bigint * p_qty)
    on conflict (account_id, symbol) do update
       set position_qty = positions.position_qty + excluded.position_qty;
    perform sim.append_event(
        v_order, case v_order.order_status when 'FILLED' then 'fill' else 'partial_fill' end,
        jsonb_build_object(
            'execution_id', v_order.broker_order_id || ':' || lpad(v_order.filled_qty::text, 10, '0'),
            'qty', p_qty, 'price_micros', p_price_micros, 'fee_micros', v_fee),
        null, p_now_at);
    return v_order;
end;
$function$;

comment on function sim.fill_order(sim.orders, bigint, bigint, timestamptz) is
$$Executes p_qty (unsigned) shares of a working paper order: cash, position, event.$$;
