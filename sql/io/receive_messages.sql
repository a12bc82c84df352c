create or replace function io.receive_messages(
    p_run_id      uuid,
    p_lease_epoch bigint,
    p_messages    jsonb,
    p_cursor_text text,
    p_now_at      timestamptz
)
returns table (
    broker_message_id text,
    disposition       text,
    reason            text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.broker_message_id, f.disposition, f.reason
      from oms.receive_messages(
           run.assert_lease(p_run_id, 'broker_events', p_lease_epoch, p_now_at),
           p_messages, p_cursor_text, p_now_at) as f;
$function$;

comment on function io.receive_messages(uuid, bigint, jsonb, text, timestamptz) is
$$Service door to oms.receive_messages for the broker_events that leads.
Raises: MQG08 p_lease_epoch does not lead.$$;
