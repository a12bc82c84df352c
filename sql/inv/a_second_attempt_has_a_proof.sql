create or replace view inv.a_second_attempt_has_a_proof as
select a.run_id, format('outbox %s attempt %s', a.outbox_id, a.attempt_no) as what
  from oms.attempts as a
  left join oms.absence_proofs as p
    on p.run_id = a.run_id and p.outbox_id = a.outbox_id and p.attempt_no = a.attempt_no - 1
 where a.request_kind = 'SUBMIT'
   and a.attempt_no > 1
   and p.run_id is null;

comment on view inv.a_second_attempt_has_a_proof is
$$I01: No order is sent a second time without proof that the broker does not hold it.$$;
