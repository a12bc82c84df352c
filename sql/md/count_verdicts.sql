create or replace function md.count_verdicts(
    p_verdicts jsonb,
    p_names    text[]
)
returns bigint
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(sum(v.value::bigint), 0)::bigint
      from jsonb_each_text(p_verdicts) as v
     where v.key = any (p_names);
$function$;

comment on function md.count_verdicts(jsonb, text[]) is
$$How many rows met one of these verdicts.$$;
