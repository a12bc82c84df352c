create or replace function ops.list_risk_consumers()
returns table (path text, consumer text, brokers text[], modes text[])
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    values
        ('risk.daily_loss_limit', 'risk.compute_limits', null::text[], null::text[]),
        ('risk.daily_loss_limit', 'ops.get_arm_words', null, null),
        ('risk.max_drawdown', 'risk.compute_limits', null, null),
        ('risk.max_order_qty', 'risk.compute_limits', null, null),
        ('risk.max_order_notional', 'risk.compute_limits', null, null),
        ('risk.max_position_per_symbol', 'risk.compute_limits', null, null),
        ('risk.max_gross_exposure', 'risk.compute_limits', null, null),
        ('risk.allow_short', 'risk.compute_limits', null, null),
        ('risk.max_net_exposure', 'risk.compute_limits', null, null),
        ('risk.max_leverage', 'risk.compute_limits', null, null),
        ('risk.halt_leverage', 'risk.compute_limits', null, null),
        ('risk.max_concentration', 'risk.compute_limits', null, null),
        ('risk.price_collar_bps', 'risk.compute_limits', null, null),
        ('risk.allowed_session', 'risk.compute_limits', null, null),
        ('risk.flatten_on_critical', 'risk.compute_limits', null, null),
        ('risk.order_rate.max_orders', 'risk.compute_limits', null, null),
        ('risk.order_rate.window_seconds', 'risk.compute_limits', null, null),
        ('risk.message_rate.max_messages', 'risk.compute_limits', null, null),
        ('risk.message_rate.window_seconds', 'risk.compute_limits', null, null),
        ('risk.repeated_execution.max_orders', 'risk.compute_limits', null, null),
        ('risk.repeated_execution.window_seconds', 'risk.compute_limits', null, null),
        ('risk.pdt.mode', 'risk.compute_limits', null, null),
        ('risk.pdt.max_day_trades', 'risk.compute_limits', null, null),
        ('risk.pdt.min_equity', 'risk.compute_limits', null, null),
        ('risk.reject_storm.max_rejects', 'risk.compute_limits', null, null),
        ('risk.reject_storm.window_seconds', 'risk.compute_limits', null, null);
$function$;

comment on function ops.list_risk_consumers() is
$$The part of ops.list_config_consumers that is about risk.$$;
