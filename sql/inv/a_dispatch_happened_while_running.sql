create or replace view inv.a_dispatch_happened_while_running as
select a.run_id, format('outbox %s attempt %s', a.outbox_id, a.attempt_no) as what
  from oms.attempts as a
 where a.request_kind = 'SUBMIT'
   and a.lane = 'GATED'
   and not exists (
        select from run.run_history as h
          left join run.run_history as n on n.run_id = h.run_id and n.from_seq = h.history_seq
         where h.run_id = a.run_id
           and h.to_status = 'RUNNING'
           and a.begun_at >= h.moved_at
           and (n.moved_at is null or a.begun_at <= n.moved_at));

comment on view inv.a_dispatch_happened_while_running is
$$I08c: Nothing was submitted but by a RUNNING run, or to flatten a halted one.$$;
