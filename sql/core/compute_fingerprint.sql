create or replace function core.compute_fingerprint()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with rooms as (
        select n.oid, n.nspname, n.nspacl
          from pg_namespace as n
         where n.nspowner = 'mqk_owner'::regrole and n.nspname <> 'sqitch'
    ), lines (line) as (
        select format('schema %s %s', r.nspname, r.nspacl) from rooms as r
         union all
        select format('function %s %s', pg_get_functiondef(p.oid), p.proacl)
          from rooms as r
          join pg_proc as p on p.pronamespace = r.oid
         union all
        select format('relation %s.%s %s %s %s %s', r.nspname, c.relname, c.relkind, c.relacl,
                      c.reloptions, case c.relkind when 'v' then pg_get_viewdef(c.oid)
                                                   when 'i' then pg_get_indexdef(c.oid) end)
          from rooms as r
          join pg_class as c on c.relnamespace = r.oid
         union all
        select format('column %s.%s %s %s %s %s %s', a.attrelid::regclass, a.attname, a.attnum,
                      format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated,
                      pg_get_expr(d.adbin, d.adrelid))
          from rooms as r
          join pg_class as c on c.relnamespace = r.oid and c.relkind in ('r', 'p')
          join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
         union all
        select format('constraint %s %s %s %s', k.conrelid::regclass, k.conname,
                      pg_get_constraintdef(k.oid), k.convalidated)
          from rooms as r
          join pg_constraint as k on k.connamespace = r.oid
         union all
        select format('trigger %s %s %s', t.tgrelid::regclass, t.tgenabled,
                      case when not t.tgisinternal then pg_get_triggerdef(t.oid) end)
          from rooms as r
          join pg_class as c on c.relnamespace = r.oid
          join pg_trigger as t on t.tgrelid = c.oid
    )
    select encode(sha256(convert_to(
               string_agg(l.line, e'\n' order by l.line collate "C"), 'UTF8')), 'hex')
      from lines as l;
$function$;

comment on function core.compute_fingerprint() is
$$SHA-256 over everything that keeps a law in our schemas: functions, tables, columns, constraints,
indexes, views, triggers and grants, as this server prints them.
Why: what was armed is what was deployed; a guard that somebody took off changes the fingerprint.$$;
