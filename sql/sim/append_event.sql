create or replace function sim.append_event(
    p_order        sim.orders,
    p_event_kind   text,
    p_execution    jsonb,
    p_reason       text,
    p_now_at       timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_no bigint;
begin
    update sim.accounts as a set last_event_no = a.last_event_no + 1
     where a.account_id = p_order.account_id
    returning a.last_event_no into v_no;
    insert into sim.events (
        account_id, event_no, event_kind, broker_order_id, client_order_id, execution_id, event_qty,
        price_micros, fee_micros, cum_qty, order_qty, position_qty, reason,
        occurred_at)
    values (p_order.account_id, v_no, p_event_kind, p_order.broker_order_id,
            p_order.client_order_id, p_execution ->> 'execution_id',
            (p_execution ->> 'qty')::bigint, (p_execution ->> 'price_micros')::bigint,
            (p_execution ->> 'fee_micros')::bigint, p_order.filled_qty, p_order.order_qty,
            coalesce((select p.position_qty from sim.positions as p
                       where p.account_id = p_order.account_id and p.symbol = p_order.symbol), 0),
            p_reason, p_now_at);
end;
$function$;

comment on function sim.append_event(sim.orders, text, jsonb, text, timestamptz) is
$$Appends what the paper broker tells its client about an order.$$;
