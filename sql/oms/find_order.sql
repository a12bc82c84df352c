create or replace function oms.find_order(
    p_run_id     uuid,
    p_account_id text,
    p_message    jsonb
)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order_id uuid;
begin
    select o.order_id into v_order_id
      from oms.orders as o
     where o.client_order_id = regexp_replace(p_message ->> 'client_order_id', '-r\d+$', '')
       and o.run_id = p_run_id and o.account_id = p_account_id;
    if v_order_id is null then
        select b.order_id into v_order_id
          from oms.broker_map as m
          join oms.outbox as b using (run_id, outbox_id)
         where m.account_id = p_account_id and m.run_id = p_run_id
           and m.broker_order_id in (p_message ->> 'broker_order_id', p_message ->> 'replaces')
         order by m.broker_order_id = p_message ->> 'broker_order_id' desc
         limit 1;
    end if;
    return v_order_id;
end;
$function$;

comment on function oms.find_order(uuid, text, jsonb) is
$$The order that a broker message is about: by our name, by the broker's, or by that of the order in
whose place the broker put this one; null when it is none of this run's.$$;
