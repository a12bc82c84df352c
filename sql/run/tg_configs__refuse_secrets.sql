create or replace function run.tg_configs__refuse_secrets()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_found text;
begin
    select string_agg(format('CONFIG_SECRET_DETECTED %s REDACTED (%s)', s.path, s.rule_id), '; ')
      into v_found
      from core.list_secrets(new.canonical_json::jsonb) as s;
    perform core.assert_that(v_found is null, 'MQA30', v_found);
    return new;
end;
$function$;

comment on function run.tg_configs__refuse_secrets() is
$$Refuses a config that holds a secret: names the place and the rule, never the secret.
Raises: MQA30.$$;
