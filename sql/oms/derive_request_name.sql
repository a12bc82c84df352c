create or replace function oms.derive_request_name(
    p_row             oms.outbox,
    p_client_order_id text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case p_row.request_kind
               when 'REPLACE' then p_client_order_id || '-r' || (
                    select count(*) from oms.outbox as b
                     where b.run_id = p_row.run_id and b.order_id = p_row.order_id
                       and b.request_kind = 'REPLACE' and b.outbox_id <= p_row.outbox_id)
               else p_client_order_id end;
$function$;

comment on function oms.derive_request_name(oms.outbox, text) is
$$The name under which a request goes out: the order's, and for its nth replacement with -rn.
Why: a broker gives a replacement without a name of ours one of its own.$$;
