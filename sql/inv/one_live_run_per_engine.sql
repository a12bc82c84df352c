create or replace view inv.one_live_run_per_engine as
select min(r.run_id::text)::uuid as run_id, r.engine_id as what
  from run.runs as r
 where r.run_status in ('ARMED', 'RUNNING')
   and r.mode = 'LIVE'
 group by r.engine_id
having count(*) > 1;

comment on view inv.one_live_run_per_engine is
$$I08: At most one LIVE run of an engine is armed or running.$$;
