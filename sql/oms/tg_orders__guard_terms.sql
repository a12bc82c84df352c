create or replace function oms.tg_orders__guard_terms()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_moving text[] := array['order_status', 'status_seq', 'cum_qty', 'working_qty', 'gap_qty',
                             'pending_op', 'leaves_qty', 'allow_verdict'];
begin
    if to_jsonb(new) - v_moving <> to_jsonb(old) - v_moving
       or new.cum_qty < old.cum_qty and not exists (
          select from ledger.fills as f
           where f.run_id = new.run_id and f.client_order_id = new.client_order_id
             and f.reverses_seq is not null)
    then
        perform core.raise_error('MQI04', 'the terms of an order are sealed when it is enqueued');
    end if;
    return new;
end;
$function$;

comment on function oms.tg_orders__guard_terms() is
$$Refuses to change anything of an order but its status, its quantities at the broker and its pending
request; what is filled falls only when a fill was taken back.
Raises: MQI04.$$;
