create or replace function run.find_artifact(
    p_config_hash text
)
returns run.artifacts
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.*
      from run.configs as c
      join run.artifacts as a using (terms_hash)
     where c.config_hash = p_config_hash
     order by a.promoted_at desc, a.artifact_id
     limit 1;
$function$;

comment on function run.find_artifact(text) is
$$The newest artifact that was promoted with the terms of a config, or null.$$;
