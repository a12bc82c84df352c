create or replace function ops.list_ways_out()
returns table (
    check_name text,
    what       text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 'no_way_out_of_the_database', format('extension %s', e.extname)
      from pg_extension as e
     where e.extname ~ '^(dblink|postgres_fdw|file_fdw|adminpack|pl.*u|plsh|http|pg_cron|pg_net)$'
     union all
    select 'no_way_out_of_the_database', format('language %s', l.lanname)
      from pg_language as l
     where not l.lanpltrusted and l.lanname not in ('internal', 'c')
     union all
    select 'no_way_out_of_the_database', format('foreign server %s', s.srvname)
      from pg_foreign_server as s
     union all
    select 'a_halt_may_end_sessions', 'mqk_owner is no member of pg_signal_backend'
     where not pg_has_role('mqk_owner', 'pg_signal_backend', 'member')
     union all
    select 'groups_are_as_deployed', r.rolname
      from pg_roles as r
     where r.rolname ~ '^mqk_'
       and (r.rolcanlogin or r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolbypassrls
            or r.rolreplication)
     union all
    select 'nobody_waits_in_a_prepared_transaction', x.gid
      from pg_prepared_xacts as x
     where x.database = current_database();
$function$;

comment on function ops.list_ways_out() is
$$What of this database reaches the machine or other servers, what a halt could not end, and groups
that became more than groups.$$;
