-- Deploy mqk:roles to pg

begin;

do $do$
declare
    v_role text;
begin
    foreach v_role in array array[
        'mqk_owner', 'mqk_dispatch', 'mqk_inbox', 'mqk_recon', 'mqk_md', 'mqk_strategy',
        'mqk_notify', 'mqk_lab', 'mqk_operator', 'mqk_approver', 'mqk_console', 'mqk_auditor',
        'mqk_readonly']
    loop
        if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
            execute format(
                'create role %I nologin nosuperuser nocreatedb nocreaterole noreplication nobypassrls',
                v_role);
        end if;
    end loop;
    -- Since version 16 who made a role administers it, and may become it only after a grant to himself.
    if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
        begin
            execute format('grant mqk_owner to %I', current_user);
        exception when insufficient_privilege then
            null;  -- a member already, or the next script says that he may not become the owner
        end;
    end if;
    -- A halt ends sessions that hold a run's locks; without this right it waits, and says so.
    begin
        grant pg_signal_backend to mqk_owner;
    exception when insufficient_privilege then
        raise notice 'a halt may not end sessions: let a superuser grant pg_signal_backend to mqk_owner';
    end;
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect, create on database %I to mqk_owner', current_database());
    execute format(
        'grant connect on database %I to mqk_dispatch, mqk_inbox, mqk_recon, mqk_md, mqk_strategy,'
        ' mqk_notify, mqk_lab, mqk_operator, mqk_approver, mqk_console, mqk_auditor, mqk_readonly',
        current_database());
end;
$do$;

-- What everybody may do in a database by default, and no worker needs: fill the disk with large objects,
-- hold advisory locks, sleep, ring the bell by function, run code of his own. Superusers own these things:
-- another DBA cannot take them away, goes on without, and `mqk doctor` says so.
do $do$
declare
    v_function text;
begin
    if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
        raise notice 'what PUBLIC may do in pg_catalog stays as it is: only a superuser can revoke it';
        return;
    end if;
    for v_function in
        select p.oid::regprocedure
          from pg_catalog.pg_proc as p
         where p.pronamespace = 'pg_catalog'::regnamespace
           and p.proname ~ ('^(pg_(try_)?advisory_|pg_sleep|pg_notify$|lowrite$'
                            || '|pg_logical_emit_message$|lo_(create?|from_bytea|put|open)$)')
    loop
        execute format('revoke execute on function %s from public', v_function);
        execute format('grant execute on function %s to mqk_owner', v_function);
    end loop;
    revoke usage on language plpgsql, sql from public;
    grant usage on language plpgsql, sql to mqk_owner;
    -- So that the house can tell how the server is set (mqk doctor).
    grant pg_read_all_settings to mqk_owner;
    grant select on pg_catalog.pg_hba_file_rules to mqk_owner;
    grant execute on function pg_catalog.pg_hba_file_rules() to mqk_owner;
end;
$do$;

commit;
