create or replace function oms.resume_targets(
    p_run_id uuid,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_wait   oms.deferrals;
    v_target strat.targets;
    v_stop   oms.orders;
begin
    for v_wait in
        select d.* from oms.deferrals as d
         where d.run_id = p_run_id and d.outcome = 'WAITING'
         order by d.bar_end_at, d.symbol
           for update
    loop
        select o.* into strict v_stop from oms.orders as o
         where o.run_id = p_run_id and o.order_id = v_wait.stop_id;
        continue when v_stop.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY');
        update oms.deferrals as d
           set outcome = case when v_stop.cum_qty > 0 then 'DROPPED' else 'RESUMED' end
         where d.run_id = p_run_id and d.strategy_id = v_wait.strategy_id
           and d.bar_end_at = v_wait.bar_end_at and d.symbol = v_wait.symbol;
        select t.* into strict v_target from strat.targets as t
         where t.run_id = p_run_id and t.strategy_id = v_wait.strategy_id
           and t.bar_end_at = v_wait.bar_end_at and t.symbol = v_wait.symbol;
        perform oms.plan_symbol(v_target, p_now_at) where v_stop.cum_qty = 0;
    end loop;
end;
$function$;

comment on function oms.resume_targets(uuid, timestamptz) is
$$Plans the targets that waited for a stop to make way, once it has ended. A target whose stop was filled
meanwhile is dropped.
Why: the market has closed the position; the target was made before it did.$$;
