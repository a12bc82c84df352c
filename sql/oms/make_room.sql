create or replace function oms.make_room(
    p_target strat.targets,
    p_now_at timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order oms.orders;
    v_found boolean := false;
begin
    for v_order in
        select o.* from oms.orders as o
         where o.run_id = p_target.run_id and o.symbol = p_target.symbol
           and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')
           and oms.is_in_the_way(o, p_target)
         order by o.client_order_id collate "C"
    loop
        v_found := true;
        perform oms.cancel_order(v_order, 'a new target has other terms', p_now_at);
        perform oms.record_wait(p_target, v_order, p_now_at);
    end loop;
    return v_found;
end;
$function$;

comment on function oms.make_room(strat.targets, timestamptz) is
$$Cancels what still works in other terms than a new target asks for, and keeps the target waiting until
all of it has ended; false when there is nothing of that kind.$$;
