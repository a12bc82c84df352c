create or replace view inv.a_dispatch_happened_while_running as
select a.run_id, format('outbox %s attempt %s', a.outbox_id, a.attempt_no) as what
  from oms.attempts as a
 where 'RUNNING' is distinct from (
        select h.to_status from run.run_history as h
         where h.run_id = a.run_id and h.moved_at <= a.begun_at
         order by h.history_seq desc limit 1);

comment on view inv.a_dispatch_happened_while_running is
$$Nothing was dispatched but by a RUNNING run.$$;
