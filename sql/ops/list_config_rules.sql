create or replace function ops.list_config_rules()
returns table (path text, kind text, low numeric, high numeric, choices text[])
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    values
        ('schema_version', 'integer', 1, 1, null::text[]),
        ('engine.engine_id', 'text', 2, 8, null),
        ('engine.mode', 'choice', null, null, array['PAPER', 'SHADOW', 'LIVE']),
        ('runtime.clock', 'choice', null, null, array['SERVER', 'VIRTUAL']),
        ('runtime.deadman_ttl_seconds', 'integer', 1, 864000, null),
        ('runtime.deadman_file', 'boolean', null, null, null),
        ('runtime.lease_seconds', 'integer', 1, 864000, null),
        ('runtime.gate_ttl_seconds', 'integer', 1, 1728000, null),
        ('broker.name', 'choice', null, null, array['paper', 'alpaca']),
        ('broker.account_id', 'text', 3, 64, null),
        ('broker.keys_env.api_key', 'env', 1, 64, null),
        ('broker.keys_env.api_secret', 'env', 1, 64, null),
        ('broker.initial_cash', 'decimal', 1, 1000000000, null),
        ('discord.channels.paper', 'env', 1, 64, null),
        ('discord.channels.live', 'env', 1, 64, null),
        ('discord.channels.backtest', 'env', 1, 64, null),
        ('discord.channels.alerts', 'env', 1, 64, null),
        ('discord.channels.heartbeat', 'env', 1, 64, null),
        ('discord.channels.c2', 'env', 1, 64, null),
        ('reconcile.grace_ms', 'integer', 0, 60000, null),
        ('reconcile.max_age_ms', 'integer', 1000, 600000, null),
        ('reconcile.position_tolerance_qty', 'integer', 0, 0, null),
        ('reconcile.cash_tolerance_micros', 'integer', 0, 1000000, null),
        ('reconcile.foreign_orders', 'choice', null, null, array['REFUSE', 'IGNORE']),
        ('execution.fill_profile', 'choice', null, null, array['worst_case', 'next_open']),
        ('execution.slippage_bps', 'integer', 0, 5000, null),
        ('execution.volatility_mult_bps', 'integer', 0, 20000, null),
        ('execution.max_slippage_bps', 'integer', 0, 5000, null),
        ('execution.fee_per_share_micros', 'integer', 0, 1000000, null),
        ('execution.fee_bps', 'integer', 0, 1000, null),
        ('execution.participation_bps', 'integer', 1, 10000, null),
        ('execution.split_above_qty', 'integer', 1, 1000000000, null),
        ('strategy.strategy_id', 'text', 2, 40, null),
        ('strategy.window_bars', 'integer', 1, 1000, null),
        ('strategy.protective_stop_bps', 'integer', 0, 5000, null),
        ('strategy.symbols', 'array', 1, 500, null),
        ('strategy.parameters', 'object', null, null, null)
     union all
    select r.path, r.kind, r.low, r.high, r.choices from ops.list_data_rules() as r
     union all
    select r.path, r.kind, r.low, r.high, r.choices from ops.list_risk_rules() as r;
$function$;

comment on function ops.list_config_rules() is
$$Every key that a run's config may have, its kind and its bounds (length for text and arrays; kind env:
the name of an environment variable).
Why: one table of the rules; a key that is not in it is refused, one that something reads must be given.$$;
