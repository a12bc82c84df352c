create or replace function core.format_canonical_json(
    p_json jsonb
)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $function$
begin
    return case jsonb_typeof(p_json)
        when 'object' then (
            select '{' || coalesce(string_agg(
                       to_jsonb(e.key)::text || ':' || core.format_canonical_json(e.value), ','
                       order by e.key collate "C"), '') || '}'
              from jsonb_each(p_json) as e (key, value))
        when 'array' then (
            select '[' || coalesce(string_agg(
                       core.format_canonical_json(e.value), ',' order by e.position), '') || ']'
              from jsonb_array_elements(p_json) with ordinality as e (value, position))
        else p_json::text
    end;
end;
$function$;

comment on function core.format_canonical_json(jsonb) is
$$Json with keys in code point order and no white space.
Why: equal configs must have equal hashes on every platform and in every language.$$;
