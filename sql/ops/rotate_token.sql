create or replace function ops.rotate_token(
    p_args   jsonb,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_old ops.tokens;
begin
    select t.* into v_old from ops.tokens as t where t.token_id = p_args ->> 'replaces';
    perform core.assert_that(found, 'MQN60', p_args ->> 'replaces');
    perform core.assert_that(v_old.actor = audit.get_actor(), 'MQG63', 'it is ' || v_old.actor || '''s');
    perform core.assert_that(
        v_old.expires_at > p_now_at
        and not exists (select from ops.token_ends as e where e.token_id = v_old.token_id)
        and not exists (select from ops.tokens as t where t.replaces = v_old.token_id),
        'MQS60', v_old.token_id);
    insert into ops.token_ends (token_id, ends_at, ended_by, reason, ended_at)
    values (v_old.token_id, p_now_at + interval '24 hours', audit.get_actor(), 'rotated', p_now_at);
    insert into ops.token_ends (token_id, ends_at, ended_by, reason, ended_at)
    select v_old.replaces, p_now_at, audit.get_actor(), 'rotated again', p_now_at
     where v_old.replaces is not null;
    return ops.store_token(
        p_args || jsonb_build_object('environment', v_old.environment), v_old.scopes,
        v_old.token_id, p_now_at);
end;
$function$;

comment on function ops.rotate_token(jsonb, timestamptz) is
$$Issues a token with the scopes of an own one (key replaces), which ends within 24 hours; what that one had
replaced ends now, so that two at most are valid.
Raises: MQN60; MQG63 somebody else's; MQS60 ended or replaced; as ops.store_token.$$;
