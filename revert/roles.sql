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
        ' mqk_notify, mqk_lab, mqk_operator, mqk_approver, mqk_console, mqk_auditor, mqk_readonly',
        current_database());
    execute format('grant connect, temporary on database %I to public', current_database());
    if (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
        for v_role in
            select p.oid::regprocedure
              from pg_catalog.pg_proc as p
             where p.pronamespace = 'pg_catalog'::regnamespace
               and p.proname ~ ('^(pg_(try_)?advisory_|pg_sleep|pg_notify$|lowrite$'
                                || '|pg_logical_emit_message$|lo_(create?|from_bytea|put|open)$)')
        loop
            execute format('revoke execute on function %s from mqk_owner', v_role);
            execute format('grant execute on function %s to public', v_role);
        end loop;
        revoke usage on language plpgsql, sql from mqk_owner;
        grant usage on language plpgsql, sql to public;
        revoke select on pg_catalog.pg_hba_file_rules from mqk_owner;
        revoke execute on function pg_catalog.pg_hba_file_rules() from mqk_owner;
    end if;
    foreach v_role in array array[
        'mqk_dispatch', 'mqk_inbox', 'mqk_recon', 'mqk_md', 'mqk_strategy', 'mqk_notify', 'mqk_lab',
        'mqk_operator', 'mqk_approver', 'mqk_console', 'mqk_auditor', 'mqk_readonly', 'mqk_owner']
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
