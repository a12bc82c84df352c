create or replace function ops.list_order_steps(
    p_run_id   uuid,
    p_order_id uuid
)
returns table (
    at       timestamptz,
    place    integer,
    seq      bigint,
    step     text,
    detail   text,
    evidence text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with b as (
        select * from oms.outbox as b where b.run_id = p_run_id and b.order_id = p_order_id
    )
    select h.moved_at, 4, h.history_seq, 'outbox',
           format('%s %s: %s (%s)', b.request_kind, h.to_status, h.reason, h.actor),
           format('oms.outbox %s %s', b.outbox_id, h.history_seq)
      from b join oms.outbox_history as h using (run_id, outbox_id)
     union all
    select a.begun_at, 5, a.attempt_no, 'attempt',
           format('%s number %s by %s under lease epoch %s', a.request_kind, a.attempt_no,
                  a.worker_name, a.lease_epoch), format('oms.attempts %s %s', b.outbox_id, a.attempt_no)
      from b join oms.attempts as a using (run_id, outbox_id)
     union all
    select m.permitted_at, 6, m.attempt_no, 'permit', 'told what to send to ' || m.permitted_to,
           format('oms.permits %s %s', b.outbox_id, m.attempt_no)
      from b join oms.permits as m using (run_id, outbox_id)
     union all
    select m.mapped_at, 7, 0, 'broker', 'the broker calls it ' || m.broker_order_id,
           'oms.broker_map ' || b.outbox_id
      from b join oms.broker_map as m using (run_id, outbox_id)
     union all
    select n.received_at, 8, n.inbox_id, 'message',
           format('%s %s: %s', n.event_kind, n.disposition, n.reason), 'oms.inbox ' || n.inbox_id
      from oms.inbox as n
     where n.run_id = p_run_id and n.order_id = p_order_id
     union all
    select h.moved_at, 10, h.history_seq, 'order',
           format('%s, filled %s: %s', h.to_status, h.cum_qty, h.reason),
           'oms.order_history ' || h.history_seq
      from oms.order_history as h
     where h.run_id = p_run_id and h.order_id = p_order_id;
$function$;

comment on function ops.list_order_steps(uuid, uuid) is
$$What became of an order on its way: requests, attempts, permits, the broker's name and messages, its
status.$$;
