create or replace function run.list_powers(
    p_login text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select concat_ws(', ', case when r.rolsuper then 'superuser' end,
                     case when r.rolbypassrls then 'bypassrls' end,
                     case when r.rolcreaterole then 'createrole' end,
                     case when r.rolcreatedb then 'createdb' end,
                     case when r.rolreplication then 'replication' end,
                     case when pg_has_role(r.oid, 'mqk_owner', 'member') then 'member of mqk_owner' end,
                     case when r.oid = d.datdba then 'owner of the database' end)
      from pg_roles as r
      join pg_database as d on d.datname = current_database()
     where r.rolname = p_login;
$function$;

comment on function run.list_powers(text) is
$$What a login may do that no grant of this house can hold back; empty: nothing; null: no such login.$$;
