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
           and (e.payload ->> 'outbox_id')::bigint = a.outbox_id)
 union all
select h.run_id, format('%s times %s', h.moves, h.to_status)
  from (select h.run_id, h.to_status, count(*) as moves
          from run.run_history as h
         group by h.run_id, h.to_status) as h
 where h.moves <> (select count(*) from audit.events as e
                    where e.chain_id = h.run_id and e.event_name = 'RUN_' || h.to_status);

comment on view inv.every_run_is_in_the_diary is
$$I09c: Every run has its chain, every move of a run and every dispatch its event.$$;
