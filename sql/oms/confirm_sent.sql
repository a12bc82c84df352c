create or replace function oms.confirm_sent(
    p_run_id          uuid,
    p_outbox_id       bigint,
    p_broker_order_id text,
    p_reason          text,
    p_now_at          timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_seq bigint;
begin
    v_seq := oms.move_outbox(p_run_id, p_outbox_id, 'SENT', null, p_reason, p_now_at);
    insert into oms.broker_map (
        run_id, outbox_id, account_id, broker_order_id, sent_seq, mapped_at)
    select p_run_id, p_outbox_id, o.account_id, p_broker_order_id, v_seq, p_now_at
      from oms.outbox as b
      join oms.orders as o using (run_id, order_id)
     where b.run_id = p_run_id and b.outbox_id = p_outbox_id;
end;
$function$;

comment on function oms.confirm_sent(uuid, bigint, text, text, timestamptz) is
$$Marks an order as held by the broker and maps the broker's name for it, in one transaction.
Raises: 23503 the row was never dispatched; 23505 the broker's id names another order.$$;
