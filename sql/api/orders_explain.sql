create or replace function api.orders_explain(
    p_client_order_id text
)
returns table (
    at     timestamptz,
    step   text,
    detail text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.at, f.step, f.detail
      from ops.explain_order(p_client_order_id) as f
     where oms.assert_order(p_client_order_id);
$function$;

comment on function api.orders_explain(text) is
$$The life of one order, step by step.
Raises: MQN09.$$;
