create or replace function ops.check_preflight(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_ok      boolean,
    detail     text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select c.check_name, c.is_ok is true, c.detail, c.fix
      from (select f.* from ops.check_run(p_run_id, p_now_at) as f
             union all
            select f.* from ops.check_terms(p_run_id, p_now_at) as f
             union all
            select f.* from ops.check_artifact(p_run_id) as f
             union all
            select f.* from ops.check_market(p_run_id, p_now_at) as f
             union all
            select f.* from ops.check_evidence(p_run_id, p_now_at) as f
             union all
            select f.* from ops.check_workers(p_run_id, p_now_at) as f) as c;
$function$;

comment on function ops.check_preflight(uuid, timestamptz) is
$$Every check that must pass before a run is armed, with what it saw and how to clear it; unknown is
failed. No row at all = there is no such run.$$;
