create or replace function oms.cancel_halted(
    p_run_id uuid,
    p_now_at timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select oms.cancel_order(o, 'the run is halted', p_now_at)
      from oms.orders as o
      join oms.outbox as s
        on s.run_id = o.run_id and s.order_id = o.order_id and s.request_kind = 'SUBMIT'
       and s.outbox_status in ('SENT', 'ACKED') and s.lane = 'GATED'
      join run.runs as r on r.run_id = o.run_id
      join run.run_history as h on h.run_id = r.run_id and h.history_seq = r.status_seq
     where o.run_id = p_run_id
       and o.time_in_force = 'DAY'
       and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY')
       and oms.count_halt_refusals(p_run_id, o.order_id) < 3
       and not exists (select from oms.outbox as b
                        where b.run_id = o.run_id and b.order_id = o.order_id
                          and b.request_kind = 'CANCEL' and b.enqueued_at >= h.moved_at
                          and b.enqueued_at + oms.compute_pause(
                                  3 * oms.count_halt_refusals(p_run_id, o.order_id)) > p_now_at);
$function$;

comment on function oms.cancel_halted(uuid, timestamptz) is
$$Asks for the end of every open order of a halted run that the broker holds. A cancel that
the broker refuses is asked for again after 2 s and after 15 s more; then a person is told. Stops that
protect a position stay, and so do orders that flatten one.
Why: a halt that leaves orders working has stopped nothing; one that asks for ever is a loop.$$;
