create or replace function ops.find_token_denial(
    p_token_id  text,
    p_digest    text,
    p_command   text,
    p_engine_id text,
    p_is_live   boolean,
    p_now_at    timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case
               when t.token_id is null then 'no such token'
               when p_now_at < t.issued_at then 'not yet issued'
               when p_now_at >= t.expires_at then 'expired'
               when exists (select from ops.token_ends as e
                             where e.token_id = t.token_id and e.ends_at <= p_now_at) then 'ended'
               when not exists (select from ops.list_token_commands() as c
                                 where c.command = p_command and c.scope = any(t.scopes))
               then 'the scope does not cover ' || p_command
               when p_command = 'run_arm' and p_is_live is not false and not 'arm_live' = any(t.scopes)
               then 'the scope does not cover arming LIVE'
               when not run.is_in_scope(t.actor, p_engine_id)
               then 'the engine is out of the scope of ' || t.actor
               when not exists (select
                                  from ops.list_token_commands() as c
                                  join pg_roles as r on r.rolname = t.actor and r.rolcanlogin
                                 where c.command = p_command
                                   and pg_has_role(r.oid, c.group_name, 'member'))
               then t.actor || ' may not do this any more'
           end
      from (values (p_token_id, core.hash_text(p_digest))) as p (token_id, verifier)
      left join ops.tokens as t on t.verifier = p.verifier and t.token_id = p.token_id;
$function$;

comment on function ops.find_token_denial(text, text, text, text, boolean, timestamptz) is
$$Why this token may not be used for this command now; null when it may.
Why: it is found by its digest, so nothing compares secrets, and judged by the groups and engines of
the person as they are now: who has lost his membership has lost his tokens.$$;
