create or replace function run.get_lease_ttl(
    p_run_id uuid
)
returns interval
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select (c.config #>> '{runtime,lease_seconds}')::integer * interval '1 s'
      from run.runs as r
      join run.configs as c using (config_hash)
     where r.run_id = p_run_id;
$function$;

comment on function run.get_lease_ttl(uuid) is
$$How long a lease of this run lives without being renewed.$$;
