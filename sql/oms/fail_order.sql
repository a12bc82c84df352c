create or replace function oms.fail_order(
    p_row          oms.outbox,
    p_order_status text,
    p_reason       text,
    p_now_at       timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select oms.move_outbox(p_row.run_id, p_row.outbox_id, 'FAILED', null, p_reason, p_now_at);
    select oms.move_order(p_row.run_id, p_row.order_id, p_order_status, 0, p_reason, p_now_at);
$function$;

comment on function oms.fail_order(oms.outbox, text, text, timestamptz) is
$$Ends an order that never worked at the broker: outbox FAILED, order REJECTED or EXPIRED.$$;
