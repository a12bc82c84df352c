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
        exists (select from pg_roles as r where r.rolname = p_login and r.rolcanlogin),
        'MQN61', p_login);
    insert into run.login_scopes (login, engine_ids, set_by, set_at)
    values (p_login, nullif(p_engine_ids, '{}'), audit.get_actor(), p_now_at);
end;
$function$;

comment on function run.set_scope(text, text[], timestamptz) is
$$From now on the login knows of these engines and no other; none named: of all.
Raises: MQN61 no such login; 23514 an engine's name is malformed.$$;
