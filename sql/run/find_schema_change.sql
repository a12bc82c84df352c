create or replace function run.find_schema_change(
    p_run_id uuid
)
returns text
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select format('the schema is not the one that the run was armed on: %s, not %s',
                  left(f.fingerprint, 12), left(g.fingerprint, 12))
      from (select a.* from run.armings as a join run.runs as r using (run_id)
             where a.run_id = p_run_id and r.run_status in ('ARMED', 'RUNNING')
             order by a.history_seq desc limit 1) as g
     cross join lateral (
           select case when g.schema_mark = core.get_schema_mark() then g.fingerprint
                       else core.compute_fingerprint() end as fingerprint) as f
     where f.fingerprint <> g.fingerprint;
$function$;

comment on function run.find_schema_change(uuid) is
$$Why the functions, tables, guards and grants are not those that an armed run was armed on; null: they are,
or the run is not armed: a run is stopped for an upgrade, and its cancels must still leave.
Why: one of eight servers of Knight Capital ran other code than the rest, for 45 minutes.$$;
