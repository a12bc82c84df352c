create or replace function sim.replace_order(
    p_account_id         text,
    p_broker_order_id    uuid,
    p_order_qty          bigint,
    p_limit_price_micros bigint,
    p_stop_price_micros  bigint,
    p_now_at             timestamptz
)
returns sim.orders
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order sim.orders;
begin
    select o.* into v_order from sim.orders as o
     where o.account_id = p_account_id and o.broker_order_id = p_broker_order_id for update;
    perform core.assert_that(found, 'MQN08', p_broker_order_id::text);
    perform core.assert_that(
        v_order.order_status in ('ACCEPTED', 'PARTIALLY_FILLED'), 'MQS06', v_order.order_status);
    perform core.assert_that(
        sign(p_order_qty) = sign(v_order.order_qty) and abs(p_order_qty) > v_order.filled_qty,
        'MQG05', format('cannot replace %s by %s', v_order.order_qty, p_order_qty));
    update sim.orders as o
       set order_qty = p_order_qty, limit_price_micros = p_limit_price_micros,
           stop_price_micros = p_stop_price_micros, is_triggered = false
     where o.account_id = p_account_id and o.broker_order_id = p_broker_order_id
    returning o.* into v_order;
    perform sim.append_event(v_order, 'replaced', null, null, p_now_at);
    return v_order;
end;
$function$;

comment on function sim.replace_order(text, uuid, bigint, bigint, bigint, timestamptz) is
$$Changes quantity (same side, more than is filled) and prices of a working paper order.
Raises: MQN08; MQS06; MQG05.$$;
