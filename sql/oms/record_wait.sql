create or replace function oms.record_wait(
    p_target strat.targets,
    p_order  oms.orders,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    insert into oms.deferrals (
        run_id, strategy_id, bar_end_at, symbol, stop_id, outcome, deferred_at)
    values (p_target.run_id, p_target.strategy_id, p_target.bar_end_at, p_target.symbol,
            p_order.order_id, 'WAITING', p_now_at)
    on conflict (run_id, strategy_id, bar_end_at, symbol) do nothing;
    if found then
        perform audit.append_event(
            p_target.run_id, 'OMS', 'TARGET_WAITING',
            jsonb_build_object(
                'strategy_id', p_target.strategy_id, 'symbol', p_target.symbol,
                'bar_end_at', core.format_iso(p_target.bar_end_at),
                'stop', p_order.client_order_id), p_now_at);
    end if;
end;
$function$;

comment on function oms.record_wait(strat.targets, oms.orders, timestamptz) is
$$Keeps a target waiting until an order has ended, and tells the diary, once.$$;
