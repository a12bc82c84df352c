create or replace function io.get_run(
    p_engine_id text
)
returns table (
    run_id     uuid,
    run_status text,
    mode       text,
    account_id text,
    clock_kind text,
    config     jsonb,
    created_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select r.run_id, r.run_status, r.mode, r.account_id, r.clock_kind, c.config, r.created_at
      from run.runs as r
      join run.configs as c using (config_hash)
     where r.engine_id = p_engine_id
     order by (r.run_status in ('ARMED', 'RUNNING')) desc, r.run_seq desc
     limit 1;
$function$;

comment on function io.get_run(text) is
$$The run that an engine's workers serve: the active one, else the latest; no row when there is none.$$;
