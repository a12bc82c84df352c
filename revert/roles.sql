-- Revert mqk:roles from pg
-- Roles belong to the whole server: one that another database still uses is left as it is.

begin;

do $do$
declare
    v_role text;
begin
    execute format('revoke all on database %I from mqk_owner', current_database());
    execute format(
        'revoke all on database %I from mqk_dispatch, mqk_inbox, mqk_recon, mqk_md, mqk_strategy,'
        ' mqk_notify, mqk_operator, mqk_approver, mqk_console, mqk_auditor, mqk_readonly',
        current_database());
    execute format('grant connect, temporary on database %I to public', current_database());
    if (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
        grant execute on function pg_catalog.lo_create(oid), pg_catalog.lo_creat(integer),
            pg_catalog.lo_from_bytea(oid, bytea) to public;
    end if;
    foreach v_role in array array[
        'mqk_dispatch', 'mqk_inbox', 'mqk_recon', 'mqk_md', 'mqk_strategy', 'mqk_notify', 'mqk_operator',
        'mqk_approver', 'mqk_console', 'mqk_auditor', 'mqk_readonly', 'mqk_owner']
    loop
        begin
            execute format('drop role %I', v_role);
        exception
            when dependent_objects_still_exist then
                raise notice 'role % is used by another database and stays', v_role;
        end;
    end loop;
end;
$do$;

commit;
