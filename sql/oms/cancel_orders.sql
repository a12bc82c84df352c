create or replace function oms.cancel_orders(
    p_run_id          uuid,
    p_client_order_id text,
    p_reason          text,
    p_now_at          timestamptz
)
returns table (
    client_order_id text,
    outcome         text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order oms.orders;
begin
    perform oms.assert_order(p_client_order_id) where p_client_order_id is not null;
    perform run.lock_run(p_run_id, true, p_now_at);
    for v_order in
        select o.* from oms.orders as o
         where o.run_id = p_run_id
           and o.client_order_id = coalesce(p_client_order_id, o.client_order_id)
           and (p_client_order_id is not null
                or o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY'))
         order by o.client_order_id collate "C"
           for update
    loop
        client_order_id := v_order.client_order_id;
        outcome := oms.cancel_order(v_order, p_reason, p_now_at);
        return next;
    end loop;
    perform pg_notify('mqk_outbox', p_run_id::text);
end;
$function$;

comment on function oms.cancel_orders(uuid, text, text, timestamptz) is
$$Asks for the end of the named order of a run, or of all that are open; gives what became of each.
Raises: MQN09 no such order.$$;
