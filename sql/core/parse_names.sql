create or replace function core.parse_names(
    p_value jsonb
)
returns text[]
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
    select case when jsonb_typeof(p_value) = 'array'
                then array(select n.name
                             from jsonb_array_elements_text(p_value) with ordinality as n (name, nth)
                            order by n.nth) end;
$function$;

comment on function core.parse_names(jsonb) is
$$A json array of texts as an array, in order; null when it is no array.$$;
