create or replace function api.md_raw(
    p_raw_sha256 text
)
returns table (
    feed         text,
    content_type text,
    body         bytea
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.feed, f.content_type, f.body from md.get_raw(p_raw_sha256) as f;
$function$;

comment on function api.md_raw(text) is
$$What a feed answered, byte for byte.$$;
