create or replace function api.audit_actions(
    p_limit integer
)
returns table (
    acted_at   timestamptz,
    action     text,
    run_id     uuid,
    actor      text,
    outcome    text,
    error_code text,
    detail     text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select a.acted_at, a.action, a.run_id, a.actor, a.outcome, a.error_code, a.detail
      from ops.operator_actions as a
     where run.is_in_scope(session_user, a.engine_id)
     order by a.action_id desc
     limit least(greatest(p_limit, 1), 1000);
$function$;

comment on function api.audit_actions(integer) is
$$What people asked of this desk, refused things too, newest first.$$;
