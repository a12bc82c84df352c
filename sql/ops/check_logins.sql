create or replace function ops.check_logins()
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
    with login as (
        select r.oid, r.rolname, r.rolconnlimit, run.list_powers(r.rolname) as powers,
               array(select g.rolname::text from pg_roles as g
                      where g.rolname ~ '^mqk_' and g.rolname <> 'mqk_owner'
                        and pg_has_role(r.oid, g.oid, 'member') order by 1) as groups,
               array(select c.config from pg_db_role_setting as s
                      cross join lateral unnest(s.setconfig) as c (config)
                      where s.setrole = r.oid and s.setdatabase in (0, d.oid)) as config
          from pg_roles as r
          join pg_database as d on d.datname = current_database()
         where r.rolcanlogin and not r.rolsuper and r.rolname !~ '^mqk_'
    ), bad (check_name, what) as (
        select 'logins_have_no_power', format('%s: %s', rolname, powers)
          from login where powers <> '' and groups <> '{}'
         union all
        select 'logins_have_one_part', format('%s: %s', rolname, array_to_string(groups, ' '))
          from login
         where cardinality(array(select g from unnest(groups) as g where g not in (
                                 'mqk_auditor', 'mqk_readonly'))) > 1
         union all
        select 'logins_keep_the_settings', format('%s: %s', rolname, array_to_string(config, ' '))
          from login
         where groups <> '{}'
           and array_to_string(config, e'\n')
               ~ '(^|\n)(synchronous_commit|search_path|role|row_security|.*preload_libraries|mqk\.)'
         union all
        select 'logins_have_a_connection_limit', rolname
          from login where rolconnlimit = -1 and groups <> '{}'
         union all
        select 'readers_only_read', rolname
          from login
         where groups = '{mqk_readonly}' and not 'default_transaction_read_only=on' = any(config)
         union all
        select 'one_superuser_logs_in', string_agg(r.rolname, ' ' order by r.rolname)
          from pg_roles as r where r.rolsuper and r.rolcanlogin having count(*) > 1
         union all
        select 'engines_have_logins_of_their_own', l.rolname
          from login as l
         where l.groups && array['mqk_dispatch', 'mqk_inbox', 'mqk_recon', 'mqk_strategy']
           and (select count(*) from run.engines) > 1
           and not exists (select from run.login_scopes as s where s.login = l.rolname)
    )
    select f.check_name, f.is_must, f.is_ok, f.finding, f.fix
      from ops.count_faults('logins', (select jsonb_agg(to_jsonb(b)) from bad as b)) as f;
$function$;

comment on function ops.check_logins() is
$$Whether the logins of this server are such that grants can hold them back, and each has one part.$$;
