create or replace function ops.list_token_commands()
returns table (
    command    text,
    action     text,
    scope      text,
    group_name text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    values ('run_create', 'CREATE', 'operate', 'mqk_operator'),
           ('run_arm', 'ARM', 'operate', 'mqk_operator'),
           ('run_begin', 'BEGIN', 'operate', 'mqk_operator'),
           ('run_stop', 'STOP', 'operate', 'mqk_operator'),
           ('run_clear_halted', 'CLEAR_HALTED', 'operate', 'mqk_operator'),
           ('orders_cancel', 'CANCEL', 'operate', 'mqk_operator'),
           ('orders_cancel_all', 'CANCEL', 'operate', 'mqk_operator'),
           ('run_approve', 'APPROVE', 'approve', 'mqk_approver'),
           ('run_halt', 'HALT', 'halt', 'mqk_operator'),
           ('run_halt', 'HALT', 'halt', 'mqk_approver'),
           ('run_halt', 'HALT', 'halt', 'mqk_auditor'),
           ('token_revoke', 'TOKEN_REVOKE', 'admin', 'mqk_operator'),
           ('token_check', 'TOKEN_CHECK', 'read', 'mqk_operator'),
           ('token_check', 'TOKEN_CHECK', 'read', 'mqk_approver'),
           ('token_check', 'TOKEN_CHECK', 'read', 'mqk_auditor');
$function$;

comment on function ops.list_token_commands() is
$$What can be done with a token: the command, the operator action that it is, the scope that it asks for,
and the groups of which the person must still be a member (one is enough).
Why: one list for issuing and for using; arming LIVE asks for the scope arm_live as well.$$;
