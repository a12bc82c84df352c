create or replace function run.assert_run(
    p_run_id uuid
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        exists (select from run.runs as r where r.run_id = p_run_id), 'MQN02', p_run_id::text);
    return true;
end;
$function$;

comment on function run.assert_run(uuid) is
$$True, or an error: there is no such run. Stands in the where clause of a reading door.
Why: an empty answer about a run that never was would look like a quiet run.
Raises: MQN02.$$;
