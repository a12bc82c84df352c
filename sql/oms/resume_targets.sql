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
    v_outcome text;
begin
    for v_wait in
        select d.* from oms.deferrals as d
         where d.run_id = p_run_id and d.outcome = 'WAITING'
         order by d.bar_end_at, d.symbol collate "C"
           for update
    loop
        select o.* into strict v_stop from oms.orders as o
         where o.run_id = p_run_id and o.order_id = v_wait.stop_id;
        select t.* into strict v_target from strat.targets as t
         where t.run_id = p_run_id and t.strategy_id = v_wait.strategy_id
           and t.bar_end_at = v_wait.bar_end_at and t.symbol = v_wait.symbol;
        continue when v_stop.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY')
                   or exists (select from oms.orders as o
                               where o.run_id = p_run_id and o.symbol = v_wait.symbol
                                 and oms.is_in_the_way(o, v_target));
        v_outcome := case when v_stop.time_in_force = 'GTC' and v_stop.cum_qty > 0 or exists (
            select from strat.targets as t
             where t.run_id = p_run_id and t.strategy_id = v_wait.strategy_id
               and t.symbol = v_wait.symbol and t.bar_end_at > v_wait.bar_end_at)
            then 'DROPPED' else 'RESUMED' end;
        update oms.deferrals as d set outcome = v_outcome
         where d.run_id = p_run_id and d.strategy_id = v_wait.strategy_id
           and d.bar_end_at = v_wait.bar_end_at and d.symbol = v_wait.symbol
        returning d.* into v_wait;
        perform oms.tell_target(v_wait, p_now_at);
        perform oms.plan_symbol(v_target, p_now_at) where v_outcome = 'RESUMED';
    end loop;
end;
$function$;

comment on function oms.resume_targets(uuid, timestamptz) is
$$Plans the targets that waited for a stop to make way, or for orders in other terms, once these have ended.
A target whose stop was filled meanwhile is dropped, and so is one after which a newer one was decided.
Why: the market has closed the position; the target was made before it did. An old wish does not overrule a
new one.$$;
