create or replace function core.list_fingerprints()
returns table (
    kind        text,
    name        text,
    source_hash text,
    fingerprint text
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set bytea_output = 'hex'
set quote_all_identifiers = off
as $function$
    with room as (
        select n.oid, n.nspname, n.nspacl from pg_namespace as n
         where n.nspowner = 'mqk_owner'::regrole and n.nspname <> 'sqitch'
    ), relation as (
        select c.* from pg_class as c join room as r on r.oid = c.relnamespace
    ), object (kind, name, source, definition) as (
        select 'room', r.nspname::text, null, r.nspacl::text from room as r
         union all
        select 'function', p.oid::regprocedure::text, p.prosrc,
               pg_get_functiondef(p.oid) || coalesce(p.proacl::text, '')
          from pg_proc as p join room as r on r.oid = p.pronamespace
         union all
        select 'relation', c.oid::regclass::text, null,
               concat_ws(' ', c.relkind, c.relacl, c.reloptions, c.relrowsecurity, c.relforcerowsecurity,
                         case c.relkind when 'v' then pg_get_viewdef(c.oid)
                                        when 'i' then pg_get_indexdef(c.oid) end)
          from relation as c
         union all
        select 'column', format('%s.%s', a.attrelid::regclass, a.attname), null,
               concat_ws(' ', a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                         a.attgenerated, a.attacl, pg_get_expr(d.adbin, d.adrelid))
          from pg_attribute as a
          join relation as c on c.oid = a.attrelid and c.relkind in ('r', 'p')
          left join pg_attrdef as d on (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
         where a.attnum > 0 and not a.attisdropped
         union all
        select 'constraint', format('%s %s', k.conrelid::regclass, k.conname), null,
               concat_ws(' ', pg_get_constraintdef(k.oid), k.convalidated)
          from pg_constraint as k join room as r on r.oid = k.connamespace
         union all
        select 'trigger', format('%s %s', t.tgrelid::regclass,
                                 coalesce(k.conname || ' ' || t.tgfoid::regproc, t.tgname)), null,
               concat_ws(' ', t.tgenabled, case when k.oid is null then pg_get_triggerdef(t.oid) end)
          from pg_trigger as t
          join relation as c on c.oid = t.tgrelid
          left join pg_constraint as k on k.oid = t.tgconstraint and t.tgisinternal
         union all
        select 'policy', format('%s %s', p.polrelid::regclass, p.polname), null,
               concat_ws(' ', p.polcmd, p.polpermissive, pg_get_expr(p.polqual, p.polrelid))
          from pg_policy as p join relation as c on c.oid = p.polrelid
    )
    select o.kind, o.name, core.hash_text(o.source), core.hash_text(coalesce(o.definition, ''))
      from object as o;
$function$;

comment on function core.list_fingerprints() is
$$Everything that keeps a law in our schemas, with grants, as this server prints it: digests of each source
of a function, to compare with the files of the plan, and of each definition, to compare with a fresh
deployment on the same version.
Why the settings: a session in another time zone reads the instants of a constraint otherwise.$$;
