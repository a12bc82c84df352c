create or replace function api.verify_all()
returns table (
    invariant  text,
    promise    text,
    violations bigint,
    first_one  text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.invariant, f.promise, f.violations, f.first_one
      from inv.verify_all() as f
     order by f.invariant;
$function$;

comment on function api.verify_all() is
$$Every promise with the number of rows that break it.$$;
