create or replace function sim.end_order(
    p_account_id      text,
    p_broker_order_id uuid,
    p_to_status       text,
    p_reason          text,
    p_now_at          timestamptz
)
returns sim.orders
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order sim.orders;
begin
    update sim.orders as o set order_status = p_to_status
     where o.account_id = p_account_id and o.broker_order_id = p_broker_order_id
       and o.order_status in ('ACCEPTED', 'PARTIALLY_FILLED')
    returning o.* into v_order;
    perform core.assert_that(found, 'MQS06', p_broker_order_id::text);
    perform sim.append_event(v_order, lower(p_to_status), null, p_reason, p_now_at);
    return v_order;
end;
$function$;

comment on function sim.end_order(text, uuid, text, text, timestamptz) is
$$Ends a working paper order as CANCELED, EXPIRED or REJECTED and tells the client.
Raises: MQS06 the order has ended, or there is none.$$;
