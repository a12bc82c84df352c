create or replace function oms.list_doubts(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    outbox_id       bigint,
    attempt_no      integer,
    client_order_id text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select o.outbox_id, a.attempt_no, r.client_order_id
      from oms.outbox as o
      join oms.orders as r using (run_id, order_id)
      cross join lateral (
           select max(a.attempt_no) as attempt_no from oms.attempts as a
            where a.run_id = o.run_id and a.outbox_id = o.outbox_id) as a
      cross join lateral (
           select count(*) as misses, max(m.looked_up_at) as last_at
             from oms.absence_misses as m
            where m.run_id = o.run_id and m.outbox_id = o.outbox_id
              and m.attempt_no = a.attempt_no) as m
     where o.run_id = p_run_id
       and o.outbox_status = 'AMBIGUOUS'
       and coalesce(m.last_at + oms.compute_pause(m.misses) <= p_now_at, true)
     order by o.outbox_id;
$function$;

comment on function oms.list_doubts(uuid, timestamptz) is
$$Orders of which nobody knows whether the broker has them and whose next look-up is due.$$;
