create or replace function ops.check_catalog()
returns table (
    check_name text,
    is_must    boolean,
    is_ok      boolean,
    finding    text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with room as (
        select n.oid, n.nspname, n.nspowner from pg_namespace as n
         where n.nspname in ('core', 'audit', 'ref', 'run', 'md', 'ledger', 'strat', 'risk', 'sim',
                             'oms', 'recon', 'lab', 'ops', 'inv', 'replay', 'pager', 'io', 'api')
    ), relation as (
        select c.* from pg_class as c join room as r on r.oid = c.relnamespace
         where c.relkind in ('r', 'p', 'v', 'm', 'S')
    ), bad (check_name, what) as (
        select 'public_may_not_connect', a.privilege_type
          from pg_database as d
         cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as a
         where d.datname = current_database() and a.grantee = 0
         union all
        select 'public_has_no_dangerous_functions', p.proname
          from pg_proc as p
         where p.pronamespace = 'pg_catalog'::regnamespace
           and p.proname ~ ('^(pg_(try_)?advisory_|pg_sleep|pg_notify$|pg_logical_emit_message$|lowrite$'
                            || '|lo_(create?|from_bytea|put|open)$)')
           and has_function_privilege('public', p.oid, 'execute')
         union all
        select 'public_writes_no_code', l.lanname
          from pg_language as l
         where l.lanpltrusted and has_language_privilege('public', l.oid, 'usage')
         union all
        select 'the_owner_owns_the_house', f.what from ops.list_strange_owners() as f
         union all
        select 'tables_are_granted_to_nobody', format('%s to %s', c.oid::regclass, a.grantee::regrole)
          from relation as c cross join lateral aclexplode(c.relacl) as a
         where a.grantee <> c.relowner
         union all
        select 'doors_are_the_only_definers', p.oid::regprocedure::text
          from pg_proc as p join room as r on r.oid = p.pronamespace
         where p.prosecdef <> (r.nspname in ('io', 'api'))
            or (p.prosecdef and not 'search_path=pg_catalog, pg_temp' = any(p.proconfig)) is not false
         union all
        select 'guards_are_awake', format('%s on %s', t.tgname, t.tgrelid::regclass)
          from pg_trigger as t join relation as c on c.oid = t.tgrelid where t.tgenabled <> 'O'
         union all
        select 'runs_are_scoped', c.relname from relation as c
         where c.oid = 'run.runs'::regclass and not (c.relrowsecurity and c.relforcerowsecurity)
         union all
        select f.check_name, f.what from ops.list_ways_out() as f
    )
    select f.check_name, f.is_must, f.is_ok, f.finding, f.fix
      from ops.count_faults('catalog', (select jsonb_agg(to_jsonb(b)) from bad as b)) as f;
$function$;

comment on function ops.check_catalog() is
$$Whether the house stands as it was deployed: owners, grants, definers, guards, and no way round them.$$;
