create or replace function oms.acknowledge(
    p_message oms.inbox,
    p_now_at  timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row oms.outbox;
begin
    select o.* into strict v_row from oms.outbox as o
     where o.run_id = p_message.run_id and o.order_id = p_message.order_id
       and o.request_kind = 'SUBMIT'
       for update;
    if v_row.outbox_status in ('DISPATCHING', 'AMBIGUOUS') and p_message.replaces_id is null then
        perform oms.confirm_sent(
            v_row.run_id, v_row.outbox_id, p_message.broker_order_id, 'seen in a broker event',
            p_now_at);
        v_row.outbox_status := 'SENT';
    end if;
    if v_row.outbox_status = 'SENT' then
        perform oms.move_outbox(
            v_row.run_id, v_row.outbox_id, 'ACKED', null, 'acknowledged by ' || p_message.event_kind,
            p_now_at);
    end if;
    if p_message.replaces_id is not null then
        insert into oms.broker_map (
            run_id, outbox_id, account_id, broker_order_id, replaces_id, sent_seq, mapped_at)
        select m.run_id, m.outbox_id, m.account_id, p_message.broker_order_id, m.broker_order_id,
               m.sent_seq, p_now_at
          from oms.broker_map as m
         where m.account_id = p_message.account_id and m.broker_order_id = p_message.replaces_id
        on conflict (account_id, broker_order_id) do nothing;
    end if;
end;
$function$;

comment on function oms.acknowledge(oms.inbox, timestamptz) is
$$Any believable event of an order proves that the broker has it: the outbox row ends ACKED. An order
that the broker put in the place of one of ours is mapped, too.
Why: an event may come before the answer to the submit, or instead of it.$$;
