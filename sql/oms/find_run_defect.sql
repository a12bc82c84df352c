create or replace function oms.find_run_defect(
    p_run  run.runs,
    p_lane text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case p_lane
        when 'REDUCING' then
            case when (risk.get_flatten(p_run.run_id)).run_id is null then 'no flatten is asked for' end
        else case when p_run.run_status <> 'RUNNING' then 'the run is ' || p_run.run_status end end;
$function$;

comment on function oms.find_run_defect(run.runs, text) is
$$Why a run, as it stands, submits nothing by a lane, or null: it is not RUNNING, or no flatten of it is
under way.$$;
