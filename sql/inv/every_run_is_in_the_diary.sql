create or replace view inv.every_run_is_in_the_diary as
select r.run_id, 'no chain' as what
  from run.runs as r
  left join audit.chains as c on c.chain_id = r.run_id and c.engine_id = r.engine_id
 where c.chain_id is null
 union all
select a.run_id, format('outbox %s attempt %s', a.outbox_id, a.attempt_no)
  from oms.attempts as a
 where not exists (
        select from audit.events as e
         where e.chain_id = a.run_id and e.event_name = 'OUTBOX_DISPATCHING'
           and (e.payload ->> 'outbox_id')::bigint = a.outbox_id);

comment on view inv.every_run_is_in_the_diary is
$$Every run has its chain, and every dispatch its event.$$;
