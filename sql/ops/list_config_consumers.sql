create or replace function ops.list_config_consumers()
returns table (path text, consumer text, brokers text[], modes text[])
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    values
        ('schema_version', 'ops.list_config_rules', null::text[], null::text[]),
        ('engine.engine_id', 'ops.create_run', null, null),
        ('engine.mode', 'ops.create_run', null, null),
        ('runtime.clock', 'ops.create_run', null, null),
        ('runtime.deadman_ttl_seconds', 'ops.create_run', null, null),
        ('runtime.deadman_file', 'ops.create_run', null, null),
        ('runtime.lease_seconds', 'run.get_lease_ttl', null, null),
        ('runtime.gate_ttl_seconds', 'ops.create_run', null, null),
        ('broker.name', 'mqk.workers.wires', null, null),
        ('broker.name', 'recon.find_defect', null, null),
        ('broker.account_id', 'ops.create_run', null, null),
        ('broker.keys_env.api_key', 'mqk.brokers.alpaca.wiring', array['alpaca'], null),
        ('broker.keys_env.api_secret', 'mqk.brokers.alpaca.wiring', array['alpaca'], null),
        ('broker.initial_cash', 'ops.create_run', null, null),
        ('discord.channels.paper', 'mqk.workers.wires', null, null),
        ('discord.channels.live', 'mqk.workers.wires', null, null),
        ('discord.channels.backtest', 'mqk.workers.wires', null, null),
        ('discord.channels.alerts', 'mqk.workers.wires', null, null),
        ('discord.channels.heartbeat', 'mqk.workers.wires', null, null),
        ('discord.channels.c2', 'mqk.workers.wires', null, null),
        ('reconcile.grace_ms', 'recon.set_tolerances', null, null),
        ('reconcile.max_age_ms', 'recon.set_tolerances', null, null),
        ('reconcile.position_tolerance_qty', 'recon.set_tolerances', null, null),
        ('reconcile.cash_tolerance_micros', 'recon.set_tolerances', null, null),
        ('reconcile.foreign_orders', 'recon.set_tolerances', null, null),
        ('execution.fill_profile', 'sim.match_order', array['paper'], null),
        ('execution.slippage_bps', 'sim.match_order', array['paper'], null),
        ('execution.volatility_mult_bps', 'sim.match_order', array['paper'], null),
        ('execution.max_slippage_bps', 'sim.match_order', array['paper'], null),
        ('execution.fee_per_share_micros', 'sim.fill_order', array['paper'], null),
        ('execution.fee_bps', 'sim.fill_order', array['paper'], null),
        ('execution.participation_bps', 'sim.match_order', array['paper'], null),
        ('execution.split_above_qty', 'sim.match_order', array['paper'], null),
        ('strategy.strategy_id', 'ops.create_run', null, null),
        ('strategy.window_bars', 'ops.create_run', null, null),
        ('strategy.protective_stop_bps', 'ops.create_run', null, null),
        ('strategy.symbols', 'ops.create_run', null, null),
        ('strategy.parameters', 'ops.create_run', null, null)
     union all
    select r.path, r.consumer, r.brokers, r.modes from ops.list_data_consumers() as r
     union all
    select r.path, r.consumer, r.brokers, r.modes from ops.list_risk_consumers() as r;
$function$;

comment on function ops.list_config_consumers() is
$$What reads each key of a config: a function or a Python module; brokers, modes: where (null = in all).
Why: a key that nothing reads promises what nobody keeps. A test looks for each key in its consumer.$$;
