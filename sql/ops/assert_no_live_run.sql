create or replace function ops.assert_no_live_run()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_live text;
begin
    select string_agg(r.run_id::text, ', ' order by r.run_id) into v_live
      from run.runs as r where r.mode = 'LIVE' and r.run_status in ('ARMED', 'RUNNING');
    perform core.assert_that(v_live is null, 'MQS08', v_live);
end;
$function$;

comment on function ops.assert_no_live_run() is
$$Refuses while a LIVE run is armed or running: asked before the database is changed.
Raises: MQS08 naming the runs.$$;
