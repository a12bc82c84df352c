create or replace view inv.a_permit_was_in_time as
select p.run_id, format('outbox %s attempt %s', p.outbox_id, p.attempt_no) as what
  from oms.permits as p
  left join oms.attempts as a using (run_id, outbox_id, attempt_no)
 where (p.permitted_at < a.permit_expires_at
        and a.permit_expires_at <= a.begun_at + interval '2 s'
        and p.permitted_to = a.begun_by) is not true;

comment on view inv.a_permit_was_in_time is
$$I14: What to send was told to the login that had begun the attempt, within two seconds of it.$$;
