create or replace function ops.list_live_limits()
returns table (
    path text,
    low  numeric,
    high numeric
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    values
        ('runtime.deadman_ttl_seconds', null::numeric, 30::numeric),
        ('runtime.lease_seconds', null, 15),
        ('runtime.gate_ttl_seconds', null, 300),
        ('data.stale_data_threshold_seconds', null, 3600),
        ('data.stale_policy', null, 0),
        ('data.gap_window_bars', 60, null),
        ('data.gap_tolerance_bars', null, 0),
        ('data.disagreement_tolerance_bps', null, 25),
        ('data.feed_disagreement_policy', null, 0),
        ('data.conflict_policy', null, 0),
        ('data.outlier_bps', null, 2000),
        ('data.outlier_policy', null, 0),
        ('reconcile.grace_ms', null, 5000),
        ('reconcile.max_age_ms', null, 60000),
        ('reconcile.position_tolerance_qty', null, 0),
        ('reconcile.cash_tolerance_micros', null, 10000),
        ('risk.daily_loss_limit', null, 0.02),
        ('risk.max_drawdown', null, 0.18),
        ('risk.max_order_qty', null, 5000),
        ('risk.max_order_notional', null, 0.35),
        ('risk.max_position_per_symbol', null, 0.35),
        ('risk.max_gross_exposure', null, 1.0),
        ('risk.max_net_exposure', null, 1.0),
        ('risk.max_leverage', null, 1.0),
        ('risk.halt_leverage', null, 1.5),
        ('risk.max_concentration', null, 0.35),
        ('risk.price_collar_bps', null, 1500),
        ('risk.allow_short', null, 0),
        ('risk.flatten_on_critical', 1, null),
        ('risk.order_rate.max_orders', null, 100),
        ('risk.order_rate.window_seconds', 60, null),
        ('risk.message_rate.max_messages', null, 300),
        ('risk.message_rate.window_seconds', 60, null),
        ('risk.repeated_execution.max_orders', null, 10),
        ('risk.repeated_execution.window_seconds', 3600, null),
        ('risk.pdt.max_day_trades', null, 3),
        ('risk.pdt.min_equity', 25000, null),
        ('risk.reject_storm.max_rejects', null, 5),
        ('risk.reject_storm.window_seconds', 300, null);
$function$;

comment on function ops.list_live_limits() is
$$How wide a brake may be in LIVE: the value of config/defaults/base.yaml (a test compares), false = 0;
a policy: 1 is IGNORE.
Why: a layer may tighten what stops the desk, and must not loosen it.$$;
