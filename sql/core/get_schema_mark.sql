create or replace function core.get_schema_mark()
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_xact bigint := pg_current_xact_id()::text::bigint;
begin
    return (
        with relation as materialized (
            select c.oid, c.xmin, c.relkind from pg_class as c
             where c.relnamespace = any (array(
                       select n.oid from pg_namespace as n where n.nspowner = 'mqk_owner'::regrole))
        ), row_of as (
            select n.xmin from pg_namespace as n
             union all select r.xmin from relation as r
             union all select p.xmin from pg_proc as p
             union all select k.xmin from pg_constraint as k
             union all select t.xmin from pg_trigger as t
             union all select v.xmin from pg_rewrite as v
             union all select p.xmin from pg_policy as p
             union all select d.xmin from pg_attrdef as d
             union all
            select a.xmin from pg_attribute as a
             where a.attnum > 0 and a.attrelid = any (array(
                       select r.oid from relation as r where r.relkind in ('r', 'p')))
        )
        select format('%s:%s', count(*), v_xact - min(age(o.xmin))) from row_of as o);
end;
$function$;

comment on function core.get_schema_mark() is
$$How many rows of the catalog keep our laws, and the transaction that wrote the newest of them: as long as
it stays the same, core.compute_fingerprint gives what it gave, at a fortieth of the cost.
Why in this order: the age of a transaction is counted from our own, which must be there first.$$;
