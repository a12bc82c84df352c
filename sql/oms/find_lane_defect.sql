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
        when p_row.request_kind = 'CANCEL' then null
        when d.due is not null then d.due
        when p_row.request_kind <> 'SUBMIT' then null
        when p_row.lane = 'REDUCING' then oms.find_reduction_defect(p_run.run_id, p_now_at)
        else coalesce(
            (select string_agg(s.gate || ': ' || s.reason, '; ')
               from run.list_shut_gates(p_run.run_id, run.list_gates(), p_now_at) as s),
            oms.find_run_defect(p_run, p_row.lane)) end
      from (select) as one
      left join lateral (
           select oms.find_action_defect(o.run_id, o.symbol, p_now_at) as due
             from oms.orders as o
            where o.run_id = p_row.run_id and o.order_id = p_row.order_id) as d on true;
$function$;

comment on function oms.find_lane_defect(run.runs, oms.outbox, timestamptz) is
$$Why a request may not go out now, or null: a submit needs a running run and every gate, a reducing one
a flatten and proven positions; a cancel passes. Where a corporate action is due, only a cancel passes.$$;
