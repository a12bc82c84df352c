create or replace function ops.explain_any(
    p_name text
)
returns table (
    at       timestamptz,
    step     text,
    detail   text,
    evidence text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order oms.orders;
begin
    if exists (select from run.runs as r where r.run_id::text = lower(p_name)) then
        return query select f.* from ops.explain_run(p_name::uuid) as f;
        return;
    end if;
    select o.* into v_order
      from oms.orders as o
      join run.runs as r using (run_id)  -- of the engines of the login
     where o.client_order_id = p_name
        or (o.run_id, o.client_order_id) in (
            select f.run_id, f.client_order_id from ledger.fills as f where f.execution_id = p_name)
     limit 1;
    perform core.assert_that(found, 'MQN09', coalesce(p_name, 'nothing'));
    return query select f.* from ops.explain_order(v_order.run_id, v_order.order_id) as f;
end;
$function$;

comment on function ops.explain_any(text) is
$$Explains what a name stands for: an order (client_order_id), a fill (execution id: the order that it
belongs to) or a run (its id).
Raises: MQN09 nothing has this name.$$;
