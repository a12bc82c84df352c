create or replace view inv.one_active_run_per_account as
select min(r.run_id::text)::uuid as run_id, r.account_id as what
  from run.runs as r
 where r.run_status in ('ARMED', 'RUNNING')
   and r.mode in ('PAPER', 'LIVE')
 group by r.account_id
having count(*) > 1;

comment on view inv.one_active_run_per_account is
$$I08: At most one armed or running run trades an account.$$;
