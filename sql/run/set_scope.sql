create or replace function run.set_scope(
    p_login      text,
    p_engine_ids text[],
    p_now_at     timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        (select s.engine_ids from run.login_scopes as s
          where s.login = audit.get_actor() order by s.scope_seq desc limit 1) is null,
        'MQG65', audit.get_actor());
    perform core.assert_that(
        exists (select from pg_roles as r where r.rolname = p_login and r.rolcanlogin),
        'MQN61', p_login);
    insert into run.login_scopes (login, engine_ids, set_by, set_at)
    values (p_login, nullif(p_engine_ids, '{}'), audit.get_actor(), p_now_at);
end;
$function$;

comment on function run.set_scope(text, text[], timestamptz) is
$$From now on the login knows of these engines and no other; none named: of all.
Why: who is himself scoped could else widen his own scope, or hide an engine from those who may halt it.
Raises: MQG65 the caller is scoped; MQN61 no such login; 23514 an engine's name is malformed.$$;
