create or replace function oms.assert_order(
    p_client_order_id text
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        exists (select from oms.orders as o join run.runs as r using (run_id)
                 where o.client_order_id = p_client_order_id),
        'MQN09', p_client_order_id);
end;
$function$;

comment on function oms.assert_order(text) is
$$Refuses a name that no order of the engines of the login has.
Raises: MQN09.$$;
