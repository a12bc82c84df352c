create or replace function api.verify_all()
returns table (
    ids        text,
    invariant  text,
    promise    text,
    violations bigint,
    is_ok      boolean,
    first_one  text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.ids, f.invariant, f.promise, f.violations, f.is_ok, f.first_one
      from inv.verify_all() as f
     order by f.ids collate "C", f.invariant collate "C";
$function$;

comment on function api.verify_all() is
$$Every promise, by its ids, with the number of rows that break it.$$;
