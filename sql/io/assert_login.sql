create or replace function io.assert_login()
returns void
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select run.assert_login();
$function$;

comment on function io.assert_login() is
$$Service door to run.assert_login: the first thing that a worker asks.
Raises: MQG60.$$;
