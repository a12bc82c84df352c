create or replace function api.md_digest()
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select md.compute_bars_digest();
$function$;

comment on function api.md_digest() is
$$SHA-256 over every stored bar.$$;
