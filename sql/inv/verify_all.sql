create or replace function inv.verify_all()
returns table (
    ids        text,
    invariant  text,
    promise    text,
    violations bigint,
    is_ok      boolean,
    first_one  text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    for ids, invariant, promise in
        select split_part(d.words, ': ', 1), d.relname, regexp_replace(d.words, '^[^:]*: ', '')
          from (select c.relname, obj_description(c.oid, 'pg_class') as words
                  from pg_class as c
                 where c.relnamespace = 'inv'::regnamespace and c.relkind = 'v') as d
         order by d.words collate "C"
    loop
        execute format('select count(*), count(*) = 0, min(v.what) from inv.%I as v', invariant)
           into violations, is_ok, first_one;
        return next;
    end loop;
end;
$function$;

comment on function inv.verify_all() is
$$Every promise, by its ids, with the number of rows that break it; 0 everywhere = all hold.
Why: a view's comment is the one place of its ids and its law.$$;
