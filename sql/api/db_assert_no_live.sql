create or replace function api.db_assert_no_live()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select ops.assert_no_live_run();
$function$;

comment on function api.db_assert_no_live() is
$$Refuses while a LIVE run is armed or running.$$;
