-- Deploy mqk:roles to pg

begin;

do $do$
declare
    v_role text;
begin
    foreach v_role in array array[
        'mqk_owner', 'mqk_dispatch', 'mqk_inbox', 'mqk_recon', 'mqk_md', 'mqk_strategy',
        'mqk_notify', 'mqk_operator', 'mqk_approver', 'mqk_console', 'mqk_auditor', 'mqk_readonly']
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
        ' mqk_notify, mqk_operator, mqk_approver, mqk_console, mqk_auditor, mqk_readonly',
        current_database());
    -- Anybody may store large objects, by default: a captured worker could fill the disk.
    if (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
        revoke execute on function pg_catalog.lo_create(oid), pg_catalog.lo_creat(integer),
            pg_catalog.lo_from_bytea(oid, bytea) from public;
    end if;
end;
$do$;

commit;
