create or replace function oms.clear_symbol(
    p_run_id uuid,
    p_symbol text,
    p_reason text,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order oms.orders;
begin
    for v_order in
        select o.* from oms.orders as o
         where o.run_id = p_run_id and o.symbol = p_symbol
           and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY')
         order by o.order_id
           for update
    loop
        perform oms.cancel_order(v_order, p_reason, p_now_at);
    end loop;
    perform oms.drop_targets(p_run_id, p_symbol, p_now_at);
end;
$function$;

comment on function oms.clear_symbol(uuid, text, text, timestamptz) is
$$Cancels every open order of a symbol, stops too, and drops the targets that wait: what was not sent ends
here, what the broker has is asked to end.$$;
