create or replace function oms.tg_orders__guard_terms()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
    if to_jsonb(new) - array['order_status', 'status_seq', 'cum_qty', 'allow_verdict']
       <> to_jsonb(old) - array['order_status', 'status_seq', 'cum_qty', 'allow_verdict']
       or new.cum_qty < old.cum_qty
    then
        perform core.raise_error('MQI04', 'the terms of an order are sealed when it is enqueued');
    end if;
    return new;
end;
$function$;

comment on function oms.tg_orders__guard_terms() is
$$Refuses to change anything of an order but its status and its filled total, which only grows.
Raises: MQI04.$$;
