create or replace function oms.make_way(
    p_target strat.targets,
    p_now_at timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_stop oms.orders := oms.get_stop(p_target.run_id, p_target.symbol);
begin
    if v_stop.order_id is null then
        return false;
    end if;
    perform oms.cancel_order(v_stop, 'a new target needs the way', p_now_at);
    insert into oms.deferrals (
        run_id, strategy_id, bar_end_at, symbol, stop_id, outcome, deferred_at)
    values (p_target.run_id, p_target.strategy_id, p_target.bar_end_at, p_target.symbol,
            v_stop.order_id, 'WAITING', p_now_at)
    on conflict (run_id, strategy_id, bar_end_at, symbol) do nothing;
    if found then
        perform audit.append_event(
            p_target.run_id, 'OMS', 'TARGET_WAITING',
            jsonb_build_object(
                'strategy_id', p_target.strategy_id, 'symbol', p_target.symbol,
                'bar_end_at', core.format_iso(p_target.bar_end_at),
                'stop', v_stop.client_order_id), p_now_at);
    end if;
    return true;
end;
$function$;

comment on function oms.make_way(strat.targets, timestamptz) is
$$Cancels the resting stop that stands against a new order of its symbol and keeps the target waiting;
false when nothing rests.
Why: a broker refuses an order against a resting one, and shares that a stop holds cannot be sold.$$;
