create or replace function run.find_run(
    p_engine_id text
)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run_id uuid;
begin
    select r.run_id into v_run_id
      from run.runs as r
     where r.engine_id = p_engine_id
     order by (r.run_status in ('ARMED', 'RUNNING')) desc, r.run_seq desc
     limit 1;
    perform core.assert_that(found, 'MQN02', 'of engine ' || p_engine_id);
    return v_run_id;
end;
$function$;

comment on function run.find_run(text) is
$$The run of an engine: the active one, else the latest.
Raises: MQN02 the engine has none.$$;
