create or replace function core.find_secret(
    p_text text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select min(r.rule_id)
      from core.list_secret_rules() as r
     where p_text ~ r.pattern;
$function$;

comment on function core.find_secret(text) is
$$The rule by which a text holds a secret, or null. The first by name when there are several.$$;
