create or replace function oms.list_unresolved(
    p_run_id      uuid,
    p_worker_name text,
    p_now_at      timestamptz
)
returns table (
    outbox_id       bigint,
    attempt_no      integer,
    client_order_id text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
    v_now timestamptz;
    v_row record;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    v_now := run.clamp_now(p_run_id, p_now_at);
    for v_row in
        select o.outbox_id, o.outbox_status
          from oms.outbox as o
         where o.run_id = p_run_id
           and (o.outbox_status = 'CLAIMED'
                and (o.claimed_by = p_worker_name or o.claimed_at <= v_now - interval '60 s')
                or o.outbox_status = 'DISPATCHING'
                and (o.claimed_by = p_worker_name or o.claimed_at <= v_now - interval '10 s'))
         order by o.outbox_id
           for update
    loop
        if v_row.outbox_status = 'CLAIMED' then
            perform oms.move_outbox(
                p_run_id, v_row.outbox_id, 'PENDING', null, 'its worker has gone', p_now_at);
        else
            perform oms.mark_ambiguous(
                p_run_id, v_row.outbox_id, 'its worker has gone', p_now_at);
        end if;
    end loop;
    if v_run.run_status = 'HALTED' then
        perform oms.cancel_halted(p_run_id, p_now_at);
    end if;
    return query
    select o.outbox_id, max(a.attempt_no), r.client_order_id
      from oms.outbox as o
      join oms.orders as r using (run_id, order_id)
      join oms.attempts as a using (run_id, outbox_id)
     where o.run_id = p_run_id and o.outbox_status = 'AMBIGUOUS'
       and not exists (select from oms.absence_misses as m
                        where m.run_id = o.run_id and m.outbox_id = o.outbox_id
                          and m.looked_up_at > v_now - interval '5 s')
     group by o.outbox_id, r.client_order_id
     order by o.outbox_id;
end;
$function$;

comment on function oms.list_unresolved(uuid, text, timestamptz) is
$$First act of a gateway: rows a dead worker left (its own name: at once) go back to PENDING when only
claimed, to AMBIGUOUS when dispatching; gives every AMBIGUOUS row to be looked up at the broker, save those
that were looked up in vain in the last 5 s. The open orders of a halted run are asked to end.
Why: before anything else is done after a crash, it must be known what the broker holds; but a miss counts
once in 5 s, and look-ups beyond that would spend the requests that all workers share.$$;
