create or replace function run.list_lock_holders()
returns table (
    virtual_xid      text,
    pid              integer,
    login            text,
    application_name text
)
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select distinct l.virtualtransaction, l.pid, coalesce(a.usename::text, 'unknown'),
           coalesce(a.application_name, '')
      from pg_locks as l
      left join pg_stat_activity as a using (pid)
     where l.locktype = 'relation'
       and l.database = (select d.oid from pg_database as d where d.datname = current_database())
       and l.relation in ('run.runs'::regclass, 'audit.chains'::regclass)
       and l.mode <> 'AccessShareLock'
       and l.granted
       and l.pid <> pg_backend_pid()
       and not exists (select from pg_locks as w where w.pid = l.pid and not w.granted);
$function$;

comment on function run.list_lock_holders() is
$$The transactions, but ours, that have locked rows of runs or of the heads of their diaries, and do
not themselves wait for a lock.
Why: pg_blocking_pids answers only while somebody waits, and nobody can wait and look at once.$$;
