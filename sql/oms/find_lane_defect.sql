create or replace function oms.find_lane_defect(
    p_run    run.runs,
    p_row    oms.outbox,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case
        when p_row.request_kind <> 'SUBMIT' then null
        when p_row.lane = 'REDUCING' then oms.find_reduction_defect(p_run.run_id, p_now_at)
        else coalesce(
            (select string_agg(s.gate || ': ' || s.reason, '; ')
               from run.list_shut_gates(p_run.run_id, run.list_gates(), p_now_at) as s),
            oms.find_run_defect(p_run, p_row.lane)) end;
$function$;

comment on function oms.find_lane_defect(run.runs, oms.outbox, timestamptz) is
$$Why a request may not go out now, or null: a submit needs a running run and every gate, a reducing one
a flatten and proven positions; a cancel passes.$$;
