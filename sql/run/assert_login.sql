create or replace function run.assert_login()
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        run.list_powers(session_user) = '', 'MQG60',
        format('%s: %s', session_user, run.list_powers(session_user)));
end;
$function$;

comment on function run.assert_login() is
$$Refuses a login that Postgres cannot hold back: superuser, bypassrls, createrole, createdb, replication,
a member of mqk_owner, the owner of the database.
Why: every promise that rests on a grant is empty for such a login, so no worker starts with it.
Raises: MQG60 naming the powers.$$;
