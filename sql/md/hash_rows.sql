create or replace function md.hash_rows(
    p_rows jsonb
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select encode(sha256(
        convert_to((p_rows - 'lines')::text, 'UTF8') || convert_to(p_rows ->> 'lines', 'UTF8')), 'hex')
     where jsonb_typeof(p_rows) = 'object'
     union all
    select core.hash_text(p_rows::text)
     where jsonb_typeof(p_rows) = 'array';
$function$;

comment on function md.hash_rows(jsonb) is
$$SHA-256 of the rows of a batch, in the form in which they came.$$;
