create or replace function ops.list_strange_owners()
returns table (
    what text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select format('%s of %s', o.name, o.owner::regrole)
      from (select c.oid::regclass::text, c.relowner, c.relnamespace from pg_class as c
             union all
            select p.oid::regprocedure::text, p.proowner, p.pronamespace from pg_proc as p
             union all
            select n.nspname, n.nspowner, n.oid from pg_namespace as n) as o (name, owner, room)
     where o.room in (select n.oid from pg_namespace as n
                       where n.nspname in ('core', 'audit', 'ref', 'run', 'md', 'ledger', 'strat', 'risk',
                                           'sim', 'oms', 'recon', 'lab', 'ops', 'inv', 'replay', 'pager',
                                           'io', 'api'))
       and o.owner <> 'mqk_owner'::regrole;
$function$;

comment on function ops.list_strange_owners() is
$$What stands in a room and belongs to somebody else than mqk_owner.$$;
