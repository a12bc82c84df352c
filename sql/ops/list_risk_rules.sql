create or replace function ops.list_risk_rules()
returns table (
    path    text,
    kind    text,
    low     numeric,
    high    numeric,
    choices text[]
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    values
        ('risk.daily_loss_limit', 'decimal', 0.0001, 1, null::text[]),
        ('risk.max_drawdown', 'decimal', 0.0001, 1, null),
        ('risk.max_order_qty', 'integer', 1, 1000000000, null),
        ('risk.max_order_notional', 'decimal', 0.0001, 10, null),
        ('risk.max_position_per_symbol', 'decimal', 0.0001, 10, null),
        ('risk.max_gross_exposure', 'decimal', 0.0001, 10, null),
        ('risk.allow_short', 'boolean', null, null, null),
        ('risk.reject_storm.max_rejects', 'integer', 1, 1000, null),
        ('risk.reject_storm.window_seconds', 'integer', 1, 864000, null),
        ('risk.max_net_exposure', 'decimal', 0.0001, 10, null),
        ('risk.max_leverage', 'decimal', 0.0001, 10, null),
        ('risk.halt_leverage', 'decimal', 0.0001, 20, null),
        ('risk.max_concentration', 'decimal', 0.0001, 10, null),
        ('risk.price_collar_bps', 'integer', 1, 10000, null),
        ('risk.allowed_session', 'choice', null, null, array['ANY', 'OPEN', 'CLOSED']),
        ('risk.flatten_on_critical', 'boolean', null, null, null),
        ('risk.order_rate.max_orders', 'integer', 1, 100000, null),
        ('risk.order_rate.window_seconds', 'integer', 1, 864000, null),
        ('risk.message_rate.max_messages', 'integer', 1, 100000, null),
        ('risk.message_rate.window_seconds', 'integer', 1, 864000, null),
        ('risk.repeated_execution.max_orders', 'integer', 1, 100000, null),
        ('risk.repeated_execution.window_seconds', 'integer', 1, 864000, null),
        ('risk.pdt.mode', 'choice', null, null, array['OFF', 'AUTO', 'ALWAYS']),
        ('risk.pdt.max_day_trades', 'integer', 0, 1000, null),
        ('risk.pdt.min_equity', 'decimal', 0, 1000000000, null);
$function$;

comment on function ops.list_risk_rules() is
$$The part of ops.list_config_rules that is about risk.$$;
