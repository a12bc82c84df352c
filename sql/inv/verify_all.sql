create or replace function inv.verify_all()
returns table (
    invariant  text,
    promise    text,
    violations bigint,
    first_one  text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    for invariant, promise in
        select c.relname, obj_description(c.oid, 'pg_class')
          from pg_class as c
         where c.relnamespace = 'inv'::regnamespace and c.relkind = 'v'
         order by c.relname
    loop
        execute format('select count(*), min(v.what) from inv.%I as v', invariant)
           into violations, first_one;
        return next;
    end loop;
end;
$function$;

comment on function inv.verify_all() is
$$Every promise with the number of rows that break it; 0 everywhere = all hold.$$;
