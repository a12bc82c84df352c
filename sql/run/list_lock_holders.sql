create or replace function run.list_lock_holders(
    p_run_id uuid
)
returns table (
    pid              integer,
    login            text,
    application_name text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_xid  xid;
    v_xids xid[] := '{}';
begin
    for v_xid in
        select r.xmax from run.runs as r where r.run_id = p_run_id
         union all
        select c.xmax from audit.chains as c where c.chain_id = p_run_id
    loop
        v_xids := v_xids || v_xid;
        begin
            v_xids := v_xids || array(
                select m.xid from pg_get_multixact_members(v_xid) as m where m.mode <> 'keysh');
        exception
            when others then null;  -- one transaction, not a group of them
        end;
    end loop;
    return query
    select distinct l.pid, coalesce(a.usename::text, 'unknown'), coalesce(a.application_name, '')
      from pg_locks as l
      left join pg_stat_activity as a using (pid)
     where l.locktype = 'transactionid' and l.granted and l.transactionid = any(v_xids)
       and l.pid <> pg_backend_pid();
end;
$function$;

comment on function run.list_lock_holders(uuid) is
$$The sessions whose open transaction holds the row of a run or the head of its diary.
Why: pg_blocking_pids answers only while somebody waits; the row itself says who locked it last, one
transaction or a group (multixact) of them, and pg_locks says whose that is.$$;
