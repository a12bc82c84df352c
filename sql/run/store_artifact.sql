create or replace function run.store_artifact(
    p_artifact_id      uuid,
    p_config_hash      text,
    p_strategy_id      text,
    p_strategy_version text,
    p_build            text,
    p_now_at           timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into run.artifacts (
        artifact_id, terms_hash, strategy_id, strategy_version, build, promoted_at)
    select p_artifact_id, c.terms_hash, p_strategy_id, p_strategy_version, p_build, p_now_at
      from run.configs as c
     where c.config_hash = p_config_hash;
$function$;

comment on function run.store_artifact(uuid, text, text, text, text, timestamptz) is
$$Lets a strategy of a version be armed LIVE with the terms of a config.
Why: lab is above run; what it promoted is pushed down, as a verdict is pushed into a gate.$$;
