-- Deploy mqk:ops/code to pg
-- built from sql/ops by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

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

create or replace function ops.list_data_rules()
returns table (path text, kind text, low numeric, high numeric, choices text[])
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    values
        ('data.stale_data_threshold_seconds', 'integer', 1, 86400, null::text[]),
        ('data.timeframe', 'choice', null, null, array['1m', '5m', '15m', '1H', '1D']),
        ('data.feed', 'text', 2, 40, null),
        ('data.second_feed', 'text', 2, 40, null),
        ('data.feeds', 'object', null, null, null),
        ('data.stale_policy', 'choice', null, null, array['DISARM', 'IGNORE']),
        ('data.adjustment', 'choice', null, null, array['RAW', 'SPLITS', 'ALL']),
        ('data.split_tolerance_bps', 'integer', 0, 2000, null),
        ('data.corporate_actions', 'choice', null, null, array['APPLY', 'FORBID']),
        ('data.forbid_periods', 'array', 0, 200, null),
        ('data.gap_window_bars', 'integer', 1, 1000, null),
        ('data.gap_tolerance_bars', 'integer', 0, 1000, null),
        ('data.disagreement_tolerance_bps', 'integer', 0, 10000, null),
        ('data.feed_disagreement_policy', 'choice', null, null, array['HALT_NEW', 'IGNORE']),
        ('data.conflict_policy', 'choice', null, null, array['HALT_NEW', 'IGNORE']),
        ('data.outlier_bps', 'integer', 1, 1000000, null),
        ('data.outlier_policy', 'choice', null, null, array['HALT_NEW', 'IGNORE']),
        ('data.benchmark_symbol', 'text', 1, 10, null);
$function$;

comment on function ops.list_data_rules() is
$$The keys of a config's section data: what a run trades on, and what is done when it cannot be trusted.$$;

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

create or replace function ops.list_data_consumers()
returns table (path text, consumer text, brokers text[], modes text[])
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    values
        ('data.timeframe', 'md.set_policy', null::text[], null::text[]),
        ('data.feed', 'md.set_policy', null, null),
        ('data.feed', 'mqk.workers.wires', null, null),
        ('data.second_feed', 'md.set_policy', null, null),
        ('data.second_feed', 'mqk.workers.wires', null, null),
        ('data.feeds', 'mqk.workers.wires', null, null),
        ('data.stale_data_threshold_seconds', 'md.set_policy', null, null),
        ('data.stale_policy', 'md.set_policy', null, null),
        ('data.adjustment', 'strat.get_context', null, null),
        ('data.split_tolerance_bps', 'md.find_jumps', null, null),
        ('data.corporate_actions', 'md.find_ban', null, null),
        ('data.forbid_periods', 'ops.create_run', null, null),
        ('data.gap_window_bars', 'md.set_policy', null, null),
        ('data.gap_tolerance_bars', 'md.set_policy', null, null),
        ('data.disagreement_tolerance_bps', 'md.set_policy', null, null),
        ('data.feed_disagreement_policy', 'md.set_policy', null, null),
        ('data.conflict_policy', 'md.set_policy', null, null),
        ('data.outlier_bps', 'md.set_policy', null, null),
        ('data.outlier_policy', 'md.set_policy', null, null),
        ('data.benchmark_symbol', 'ops.report_history', null, null);
$function$;

comment on function ops.list_data_consumers() is
$$What reads each key of a config's section data.$$;

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

create or replace function ops.describe_rule(
    p_kind    text,
    p_low     numeric,
    p_high    numeric,
    p_choices text[]
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select case p_kind
        when 'choice' then 'one of ' || array_to_string(p_choices, ', ')
        when 'text' then format('text of %s to %s characters', p_low, p_high)
        when 'env' then 'the name of an environment variable: MQK_, ALPACA_, TWELVEDATA_ or DISCORD_'
        when 'array' then format('a list of %s to %s texts', p_low, p_high)
        when 'integer' then format('a whole number in %s to %s', p_low, p_high)
        when 'decimal' then format('a number in %s to %s', p_low, p_high)
        when 'boolean' then 'true or false'
        else 'an object' end;
$function$;

comment on function ops.describe_rule(text, numeric, numeric, text[]) is
$$A config rule in words.$$;

create or replace function ops.is_config_value(
    p_value   jsonb,
    p_kind    text,
    p_low     numeric,
    p_high    numeric,
    p_choices text[]
)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select case
        when p_value is null or jsonb_typeof(p_value) = 'null' then false
        when p_kind = 'choice' then p_value #>> '{}' = any (p_choices)
        when p_kind = 'text' then
            jsonb_typeof(p_value) = 'string' and length(p_value #>> '{}') between p_low and p_high
        when p_kind = 'env' then
            jsonb_typeof(p_value) = 'string' and length(p_value #>> '{}') <= p_high
            and p_value #>> '{}' ~ '^(MQK_|ALPACA_|TWELVEDATA_|DISCORD_)[A-Z0-9_]+$'
        when p_kind = 'array' then
            jsonb_typeof(p_value) = 'array'
            and jsonb_array_length(p_value) between p_low and p_high
            and not jsonb_path_exists(p_value, '$[*] ? (@.type() <> "string")')
        when p_kind = 'object' then jsonb_typeof(p_value) = 'object'
        when p_kind = 'boolean' then jsonb_typeof(p_value) = 'boolean'
        when jsonb_typeof(p_value) <> 'number' then false
        else (p_value #>> '{}')::numeric between p_low and p_high
             and (p_kind = 'decimal' or (p_value #>> '{}')::numeric % 1 = 0)
             and scale(trim_scale((p_value #>> '{}')::numeric)) <= 6 end;
$function$;

comment on function ops.is_config_value(jsonb, text, numeric, numeric, text[]) is
$$Whether a config value is of its kind and within its bounds (inclusive).$$;

create or replace function ops.list_unknown_keys(
    p_config jsonb
)
returns table (
    path    text,
    rule    text,
    problem text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive nodes (path, value) as (
        select e.key, e.value
          from jsonb_each(case jsonb_typeof(p_config) when 'object' then p_config else '{}' end) as e
         union all
        select n.path || '.' || e.key, e.value
          from nodes as n
          cross join lateral jsonb_each(n.value) as e
         where jsonb_typeof(n.value) = 'object'
           and exists (select from ops.list_config_rules() as r where starts_with(r.path, n.path || '.'))
    )
    select case when core.find_secret(n.path) is null then n.path else 'REDACTED' end,
           'UNKNOWN_KEY', 'is not a key of the config'
      from nodes as n
     where not exists (select from ops.list_config_rules() as r
                        where r.path = n.path or starts_with(r.path, n.path || '.'))
     union all
    select n.path, 'TYPE', 'is a section: it must hold keys'
      from nodes as n
     where jsonb_typeof(n.value) not in ('object', 'null')
       and exists (select from ops.list_config_rules() as r where starts_with(r.path, n.path || '.'));
$function$;

comment on function ops.list_unknown_keys(jsonb) is
$$Every key of a config that the rules do not have, and every section that holds no keys.$$;

create or replace function ops.list_unfit_values(
    p_config jsonb
)
returns table (
    path    text,
    rule    text,
    problem text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with given as (
        select r.*, nullif(p_config #> string_to_array(r.path, '.'), 'null') as value
          from ops.list_config_rules() as r
    )
    select g.path, 'MISSING', 'is missing'
      from given as g
     where g.value is null
       and exists (select from ops.list_config_consumers() as c
                    where c.path = g.path
                      and p_config #>> '{broker,name}' = any (c.brokers) is not false
                      and p_config #>> '{engine,mode}' = any (c.modes) is not false)
     union all
    select g.path, case g.kind when 'env' then 'ENV_NAME' else 'TYPE' end,
           format('must be %s%s', ops.describe_rule(g.kind, g.low, g.high, g.choices),
                  case when g.kind = 'env' or core.find_secret(g.path || ': ' || (g.value #>> '{}'))
                            is not null then ', not what it is (REDACTED)'
                       else ', is ' || left(g.value::text, 60) end)
      from given as g
     where g.value is not null
       and ops.is_config_value(g.value, g.kind, g.low, g.high, g.choices) is not true;
$function$;

comment on function ops.list_unfit_values(jsonb) is
$$Every key that is missing although something reads it, and every value of a wrong kind or out of bounds.
Why: null says that a key is not used; where the broker or the mode is unknown, every key is needed.$$;

create or replace function ops.list_unused_keys(
    p_config jsonb
)
returns table (
    path    text,
    rule    text,
    problem text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select r.path, 'UNUSED_KEY',
           format('is read by nothing at broker %s in mode %s', p_config #>> '{broker,name}',
                  p_config #>> '{engine,mode}')
      from ops.list_config_rules() as r
     where nullif(p_config #> string_to_array(r.path, '.'), 'null') is not null
       and not exists (select from ops.list_config_consumers() as c
                        where c.path = r.path
                          and p_config #>> '{broker,name}' = any (c.brokers) is not false
                          and p_config #>> '{engine,mode}' = any (c.modes) is not false);
$function$;

comment on function ops.list_unused_keys(jsonb) is
$$Every key that has a value and no consumer at this broker in this mode.$$;

create or replace function ops.list_wide_limits(
    p_config jsonb
)
returns table (
    path    text,
    rule    text,
    problem text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select l.path, 'LIMIT_UNSAFE',
           format('is wider than the base layer: %s %s', case when l.high is null then 'at least'
                  else 'at most' end, coalesce(l.high, l.low))
      from ops.list_live_limits() as l
      cross join lateral (
        select p_config #> string_to_array(l.path, '.') as given) as g
      cross join lateral (
        select case jsonb_typeof(g.given) when 'number' then (g.given #>> '{}')::numeric
                    when 'boolean' then (g.given #>> '{}')::boolean::integer
                    when 'string' then (g.given #>> '{}' = 'IGNORE')::integer end as value) as v
     where v.value > l.high
        or v.value < l.low;
$function$;

comment on function ops.list_wide_limits(jsonb) is
$$Every brake that a config makes wider than the base layer has it.$$;

create or replace function ops.list_unscoped_names(
    p_config jsonb
)
returns table (
    path    text,
    rule    text,
    problem text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with named as (
        select r.path, p_config #>> string_to_array(r.path, '.') as name,
               '_' || (p_config #>> string_to_array(r.path, '.')) || '_' as bounded,
               p_config #>> '{engine,engine_id}' as engine_id, p_config #>> '{engine,mode}' as mode
          from ops.list_config_rules() as r
         where starts_with(r.path, 'broker.keys_env.')
    )
    select n.path, 'ENV_NAME',
           format('must carry the engine %s and %s, so that no engine takes another''s keys', n.engine_id,
                  case n.mode when 'LIVE' then 'LIVE' else 'PAPER' end)
      from named as n
     where n.name is not null
       and (position('_' || n.engine_id || '_' in n.bounded) = 0
            or position(case n.mode when 'LIVE' then '_LIVE_' else '_PAPER_' end in n.bounded) = 0)
     union all
    select max(n.path), 'ENV_NAME', 'names the same variable as ' || min(n.path)
      from named as n
     where n.name is not null
     group by n.name
    having count(*) > 1;
$function$;

comment on function ops.list_unscoped_names(jsonb) is
$$Every broker key whose variable does not carry its engine and its mode (SHADOW has the keys of
PAPER), and two that are one.
Why: MAIN and EXP, paper and live, must not be able to share a key by a slip of the file.$$;

create or replace function ops.list_data_faults(
    p_config jsonb
)
returns table (
    path    text,
    rule    text,
    problem text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select 'data.second_feed', 'DATA_TERMS', 'is data.feed: one feed is no second opinion'
     where p_config #>> '{data,second_feed}' = p_config #>> '{data,feed}'
     union all
    select 'data.gap_tolerance_bars', 'DATA_TERMS', 'must be below data.gap_window_bars'
     where jsonb_typeof(p_config #> '{data,gap_tolerance_bars}') = 'number'
       and jsonb_typeof(p_config #> '{data,gap_window_bars}') = 'number'
       and (p_config #>> '{data,gap_tolerance_bars}')::numeric
           >= (p_config #>> '{data,gap_window_bars}')::numeric;
$function$;

comment on function ops.list_data_faults(jsonb) is
$$What keys of a config's section data say together and cannot mean.$$;

create or replace function ops.check_config(
    p_config jsonb
)
returns table (
    path     text,
    rule     text,
    problem  text,
    is_fatal boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with live as (select p_config #>> '{engine,mode}' = 'LIVE' is true as is_live)
    select f.path, f.rule, f.problem, true from ops.list_unknown_keys(p_config) as f
     union all
    select f.path, f.rule, f.problem, true from ops.list_unfit_values(p_config) as f
     union all
    select f.path, f.rule, f.problem, true from ops.list_unscoped_names(p_config) as f
     union all
    select f.path, f.rule, f.problem, true from ops.list_data_faults(p_config) as f
     union all
    select replace(ltrim(s.path, '/'), '/', '.'), 'SECRET_DETECTED',
           format('REDACTED: looks like a secret (%s)', s.rule_id), true
      from core.list_secrets(p_config) as s
     union all
    select t.path, 'LIVE_TERMS', format('must be %s in LIVE', t.wanted), true
      from live as l
      join (values ('runtime.clock', 'SERVER'), ('runtime.deadman_file', 'true')) as t (path, wanted)
        on p_config #>> string_to_array(t.path, '.') is distinct from t.wanted
     where l.is_live
     union all
    select f.path, f.rule, f.problem, l.is_live
      from ops.list_wide_limits(p_config) as f cross join live as l
     union all
    select f.path, f.rule, f.problem, l.is_live
      from ops.list_unused_keys(p_config) as f cross join live as l
     order by 4 desc, 1, 2;
$function$;

comment on function ops.check_config(jsonb) is
$$Every fault of a config with its dotted path and rule: unknown, missing, wrong kind, out of bounds,
contradictory,
a secret, a key that nothing reads, a brake wider than the base layer. is_fatal: no run is made of it;
else a warning.
No fatal row = it may be bound to a run.$$;

create or replace function ops.assert_symbols(
    p_config   jsonb,
    p_as_of_at timestamptz
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_benchmark text := p_config #>> '{data,benchmark_symbol}';
    v_bad       text;
begin
    select string_agg(s.value, ', ') into v_bad
      from jsonb_array_elements_text(p_config #> '{strategy,symbols}') as s
     where not exists (select from ref.instruments as i where i.symbol = s.value);
    perform core.assert_that(v_bad is null, 'MQN03', v_bad);
    perform core.assert_that(
        (ref.get_listing(v_benchmark, (p_as_of_at at time zone 'UTC')::date)).instrument_kind
            in ('INDEX', 'ETF'),
        'MQN20', v_benchmark);
end;
$function$;

comment on function ops.assert_symbols(jsonb, timestamptz) is
$$Refuses a config that names a symbol which nobody has loaded, or measures itself by a share.
Raises: MQN03 unknown symbols; MQN20 the benchmark is no listed index or ETF.$$;

create or replace function ops.create_run(
    p_canonical_json text,
    p_as_of_at       timestamptz,
    p_now_at         timestamptz
)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_hash   text := run.store_config(p_canonical_json, p_now_at);
    v_config jsonb := p_canonical_json::jsonb;
    v_bad    text;
    v_cash   bigint;
    v_run_id uuid;
begin
    perform core.assert_that(num_nulls(p_as_of_at, p_now_at) = 0, 'MQA01', 'as_of_at, now_at');
    select string_agg(format('CONFIG_%s %s %s', c.rule, c.path, c.problem), '; ') into v_bad
      from ops.check_config(v_config) as c
     where c.is_fatal;
    perform core.assert_that(v_bad is null, 'MQA07', v_bad);
    perform ops.assert_symbols(v_config, p_as_of_at);
    v_cash := core.parse_micros(v_config #>> '{broker,initial_cash}');

    v_run_id := run.create_run(
        p_engine_id => v_config #>> '{engine,engine_id}', p_mode => v_config #>> '{engine,mode}',
        p_clock_kind => v_config #>> '{runtime,clock}', p_config_hash => v_hash,
        p_account_id => v_config #>> '{broker,account_id}', p_as_of_at => p_as_of_at,
        p_initial_cash_micros => v_cash,
        p_deadman_ttl_ms => (v_config #>> '{runtime,deadman_ttl_seconds}')::integer * 1000,
        p_gate_ttl_ms => (v_config #>> '{runtime,gate_ttl_seconds}')::bigint * 1000,
        p_needs_deadman_file => (v_config #>> '{runtime,deadman_file}')::boolean,
        p_symbols => array(select distinct jsonb_array_elements_text(
                             v_config #> '{strategy,symbols}')),
        p_now_at => p_now_at);
    perform ledger.open_portfolio(v_run_id, v_cash, p_now_at);
    perform risk.set_limits(v_run_id, v_cash, v_config -> 'risk', p_as_of_at::date, p_now_at);
    perform md.set_policy(v_run_id, v_config -> 'data');
    perform md.set_forbid_periods(v_run_id, v_config #> '{data,forbid_periods}');
    perform recon.set_tolerances(v_run_id, v_config -> 'reconcile', p_now_at);
    perform strat.assign_strategy(
        v_run_id, v_config #>> '{strategy,strategy_id}', v_config #>> '{data,timeframe}',
        (v_config #>> '{strategy,window_bars}')::integer, v_config #> '{strategy,parameters}',
        (v_config #>> '{strategy,protective_stop_bps}')::integer);
    return v_run_id;
end;
$function$;

comment on function ops.create_run(text, timestamptz, timestamptz) is
$$Creates a run from a config in canonical json: books, limits, policies, strategy; gives its id.
Raises: MQA06; MQA30 a secret; MQA07 naming every fault; MQA41; MQN03, MQN20 unknown
symbols; MQN05 unknown strategy.$$;

create or replace function ops.amend_session(
    p_exchange_id text,
    p_session_on  date,
    p_opens       text,
    p_closes      text,
    p_reason      text,
    p_now_at      timestamptz
)
returns ref.amendments
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_new  ref.amendments := ref.amend_session(
        p_exchange_id, p_session_on, p_opens, p_closes, p_reason, p_now_at);
    v_seen text;
begin
    select min(b.symbol) into v_seen
      from ref.instruments as i
     cross join ref.timeframes as t
      join md.bars as b on b.symbol = i.symbol and b.timeframe = t.timeframe
     where i.exchange_id = v_new.exchange_id
       and b.session_on = v_new.session_on
       and b.bar_end_at > (v_new.session_on - 1)::timestamp at time zone 'UTC'
       and b.bar_end_at < (v_new.session_on + 2)::timestamp at time zone 'UTC';
    perform core.assert_that(
        v_seen is null, 'MQS20', format('%s %s: %s has traded', p_exchange_id, p_session_on, v_seen));
    return v_new;
end;
$function$;

comment on function ops.amend_session(text, date, text, text, text, timestamptz) is
$$Amends the hours of a session to come: ref.amend_session, unless a bar of that day is stored.
Why: a bar is a proof that the day has taken place, whatever the caller's clock says.
Raises: MQA01; MQA12; MQA02; MQN04; MQS20; 23514.$$;

create or replace function ops.check_run(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_ok      boolean,
    detail     text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with r as (select * from run.runs as r where r.run_id = p_run_id)
    select 'run_may_be_armed', r.run_status in ('CREATED', 'STOPPED'), 'the run is ' || r.run_status,
           'mqk run clear-halted, or stop it'
      from r
     union all
    select 'account_is_free', not exists (
               select from run.runs as other
                where other.account_id = r.account_id and other.run_id <> r.run_id
                  and other.run_status in ('ARMED', 'RUNNING')), r.account_id, 'stop the other run'
      from r
     union all
    select 'engine_is_in_this_mode', e.mode = r.mode, format('%s is in %s', e.engine_id, e.mode),
           format('mqk run change-mode %s %s', e.engine_id, r.mode)
      from r
      join run.engines as e using (engine_id)
     union all
    select 'clock_is_near', r.clock_kind = 'VIRTUAL' or core.is_clock_near(p_now_at), r.clock_kind,
           'synchronise the clock of this machine (chrony)'
      from r
     union all
    select 'approved_by_a_second_person', r.mode <> 'LIVE' or exists (
               select from run.list_approvals(p_run_id, run.clamp_now(p_run_id, p_now_at))),
           r.mode, 'mqk run approve, by another login'
      from r;
$function$;

comment on function ops.check_run(uuid, timestamptz) is
$$The preflight checks of the run itself: status, account, clock, second person.$$;

create or replace function ops.check_terms(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_ok      boolean,
    detail     text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with r as (
        select r.*, c.config, c.canonical_json
          from run.runs as r
          left join run.configs as c using (config_hash)
         where r.run_id = p_run_id
    )
    select 'config_is_what_was_hashed', core.hash_text(r.canonical_json) = r.config_hash
           and core.format_canonical_json(r.config) = r.canonical_json, r.config_hash,
           'somebody wrote behind the doors: mqk audit verify, create the run again'
      from r
     union all
    select 'config_obeys_every_rule', r.config is not null and b.bad is null,
           coalesce(b.bad, 'every key has a lawful value'),
           'correct the config, create the run again'
      from r
      cross join lateral (
           select string_agg(c.path || ' ' || c.problem, '; ') as bad
             from ops.check_config(r.config) as c
            where c.is_fatal) as b
     union all
    select 'limits_are_those_of_the_config', l.run_id is not null,
           coalesce(format('daily loss %s, drawdown %s', core.format_micros(l.daily_loss_limit_micros),
                           core.format_micros(l.max_drawdown_micros)), 'none, or others'),
           'create the run again'
      from r
      left join risk.limits as l
        on l.run_id = r.run_id
       and l is not distinct from risk.compute_limits(
               r.run_id, r.initial_cash_micros, r.config -> 'risk')
       and least(l.daily_loss_limit_micros, l.max_drawdown_micros) > 0;
$function$;

comment on function ops.check_terms(uuid, timestamptz) is
$$The preflight checks of what the run is bound to: its config is the one that was hashed and obeys every
rule, its limits follow from it.$$;

create or replace function ops.check_market(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_ok      boolean,
    detail     text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 'calendar_is_loaded', b.short is null,
           coalesce(b.short || ': no session in the next ten days', 'ten days ahead are known'),
           'mqk md load-calendar'
      from (select string_agg(distinct i.exchange_id, ', ') as short
              from run.universe as u
              join ref.instruments as i using (symbol)
             where u.run_id = p_run_id
               and not exists (
                   select from ref.sessions as s
                    where s.exchange_id = i.exchange_id
                      and s.closes_at between p_now_at and p_now_at + interval '10 days')) as b
     where exists (select from run.runs as r where r.run_id = p_run_id)
     union all
    select 'strategy_is_enabled', s.is_enabled, format('%s %s', s.strategy_kind, s.strategy_id),
           'mqk run strategies; create a run with another'
      from strat.assignments as a
      join strat.strategies as s using (strategy_id)
     where a.run_id = p_run_id
     union all
    select 'nothing_forbidden_is_held', b.held is null,
           coalesce(b.held, 'no position stands in a forbidden period'),
           'close the position: mqk run flatten'
      from (select string_agg(format('%s %s', p.symbol, md.find_ban(p_run_id, p.symbol, p_now_at)), ', '
                              order by p.symbol collate "C") as held
              from ledger.positions as p
             where p.run_id = p_run_id and p.position_qty <> 0
               and md.find_ban(p_run_id, p.symbol, p_now_at) is not null) as b
     where exists (select from run.runs as r where r.run_id = p_run_id)
     union all
    select 'bars_are_there', b.short is null, coalesce(b.short, 'every symbol has its window'),
           'mqk md ingest, or run the marketdata worker'
      from (select string_agg(u.symbol, ', ' order by u.symbol collate "C") as short
              from run.universe as u
              join strat.assignments as a using (run_id)
             where u.run_id = p_run_id
               and (select count(*)
                      from md.list_bars_as_of(u.symbol, a.timeframe, a.window_bars, p_now_at) as b
                     where b.session_on >= ref.get_listed_since(
                           u.symbol, (p_now_at at time zone 'UTC')::date)) < a.window_bars) as b
     where exists (select from run.runs as r where r.run_id = p_run_id);
$function$;

comment on function ops.check_market(uuid, timestamptz) is
$$The preflight checks of the market: sessions ahead, a full window of bars for each
symbol, all of what it stands for now, nothing held that is forbidden.$$;

create or replace function ops.check_evidence(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_ok      boolean,
    detail     text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with r as (select * from run.runs as r where r.run_id = p_run_id)
    select 'nothing_is_unresolved', oms.count_unresolved(p_run_id) = 0,
           oms.count_unresolved(p_run_id) || ' orders', 'run the gateway: it looks them up'
      from r
     union all
    select 'nothing_is_quarantined', q.messages = 0,
           q.messages || ' messages since a person looked last',
           'mqk why; settle them with the broker; mqk run halt, then clear-halted'
      from r
      cross join lateral (
           select count(*) as messages
             from oms.inbox as m
            where m.run_id = p_run_id and m.disposition = 'QUARANTINED'
              and m.received_at > coalesce((
                  select max(h.moved_at) from run.run_history as h
                   where h.run_id = p_run_id and h.from_status = 'HALTED'), '-infinity')) as q
     union all
    select 'reconcile_can_be_recomputed', c.run_id is not null and f.problem is null,
           coalesce(f.problem, 'snapshot ' || c.snapshot_seq, 'never reconciled'),
           'mqk recon verify; somebody wrote behind the doors, or: run the snapshots worker'
      from r
      left join lateral (
           select c.* from recon.comparisons as c
            where c.run_id = p_run_id order by c.snapshot_seq desc limit 1) as c on true
      left join lateral recon.find_difference(c) as f (problem) on c.run_id is not null
     union all
    (select 'gate_' || lower(k.gate), s.gate is null, coalesce(s.reason, 'open'),
            case k.gate when 'RECON' then 'run the snapshots worker'
                        when 'CONTINUITY' then 'run the broker_events worker'
                        else 'run the marketdata worker' end
       from r
      cross join unnest(array['CONTINUITY', 'INTEGRITY', 'RECON', 'RISK']) as k (gate)
       left join run.list_shut_gates(
            p_run_id, array['CONTINUITY', 'INTEGRITY', 'RECON', 'RISK'], p_now_at) as s on s.gate = k.gate
      order by k.gate);
$function$;

comment on function ops.check_evidence(uuid, timestamptz) is
$$The preflight checks of what is known: orders in doubt, quarantine, reconcile, gates.$$;

create or replace function ops.check_workers(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_ok      boolean,
    detail     text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with r as (select * from run.runs as r where r.run_id = p_run_id),
    k as (
        select k.worker_kind, w.build, w.secret_names,
               l.renewed_at > run.clamp_now(p_run_id, p_now_at) - r.deadman_ttl_ms * interval '1 ms'
                   as is_leading
          from r
          cross join unnest(array['gateway', 'broker_events', 'snapshots']) as k (worker_kind)
          left join run.workers as w on w.run_id = r.run_id and w.worker_kind = k.worker_kind
          left join run.leases as l
            on (l.engine_id, l.account_id, l.worker_kind)
               = (r.engine_id, r.account_id, k.worker_kind)
    )
    select 'workers_are_alive', bool_and(k.is_leading is true),
           coalesce(string_agg(k.worker_kind, ', ' order by k.worker_kind)
                        filter (where k.is_leading is not true)
                    || ': no sign of life', 'each leads its kind'),
           'start them: mqk worker NAME'
      from k
    having count(*) > 0
     union all
    select 'workers_run_one_build', count(distinct k.build) = 1 and bool_and(k.build is not null),
           string_agg(k.worker_kind || ' ' || coalesce(left(k.build, 12), 'unknown'), ', '
                      order by k.worker_kind),
           'install the same version everywhere, start them again'
      from k
    having count(*) > 0
     union all
    select 'secrets_are_present', count(*) = 0,
           coalesce(string_agg(k.worker_kind || ' lacks ' || n.name, ', '
                               order by k.worker_kind, n.name),
                    'every name that the config gives has a value'),
           'set the variables for these workers, start them again'
      from k
      cross join lateral (
           select n.value as name
             from r
             join run.configs as c using (config_hash)
            cross join lateral jsonb_each_text(nullif(c.config #> '{broker,keys_env}', 'null')) as n
            where c.config #>> '{broker,name}' <> 'paper') as n
     where n.name = any (k.secret_names) is not true
    having exists (select from r);
$function$;

comment on function ops.check_workers(uuid, timestamptz) is
$$The preflight checks of the workers that a running run depends on: alive, of one program, and with every
secret that the config names.$$;

create or replace function ops.check_artifact(
    p_run_id uuid
)
returns table (
    check_name text,
    is_ok      boolean,
    detail     text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 'strategy_is_promoted',
           r.mode <> 'LIVE'
           or (a.strategy_id = s.strategy_id and a.strategy_version = s.version) is true,
           case when r.mode <> 'LIVE' then r.mode
                when a.artifact_id is null
                then 'no artifact of this strategy with these parameters, limits and timeframe'
                else format('%s %s was promoted, %s %s is registered', a.strategy_id,
                            a.strategy_version, s.strategy_id, s.version) end,
           'mqk promote judge a backtest of this very config'
      from run.runs as r
      left join strat.assignments as m using (run_id)
      left join strat.strategies as s using (strategy_id)
      left join lateral run.find_artifact(r.config_hash) as a on true
     where r.run_id = p_run_id;
$function$;

comment on function ops.check_artifact(uuid) is
$$The preflight check that a LIVE run trades what was promoted: strategy, version, parameters, limits.$$;

create or replace function ops.check_preflight(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_ok      boolean,
    detail     text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select c.check_name, c.is_ok is true, c.detail, c.fix
      from (select f.* from ops.check_run(p_run_id, p_now_at) as f
             union all
            select f.* from ops.check_terms(p_run_id, p_now_at) as f
             union all
            select f.* from ops.check_artifact(p_run_id) as f
             union all
            select f.* from ops.check_market(p_run_id, p_now_at) as f
             union all
            select f.* from ops.check_evidence(p_run_id, p_now_at) as f
             union all
            select f.* from ops.check_workers(p_run_id, p_now_at) as f) as c;
$function$;

comment on function ops.check_preflight(uuid, timestamptz) is
$$Every check that must pass before a run is armed, with what it saw and how to clear it; unknown is
failed. No row at all = there is no such run.$$;

create or replace function ops.get_arm_words(
    p_run_id uuid
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select format('ARM %s %s %s', r.mode, right(r.account_id, 4),
                  c.config #>> '{risk,daily_loss_limit}')
      from run.runs as r
      join run.configs as c using (config_hash)
     where r.run_id = p_run_id;
$function$;

comment on function ops.get_arm_words(uuid) is
$$The exact words that arm a run: ARM, mode, last four of the account, daily loss limit.
Why: whoever arms has read which account and how much may be lost in a day.$$;

create or replace function ops.approve_run(
    p_run_id  uuid,
    p_confirm text,
    p_now_at  timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform run.lock_run(p_run_id, true, p_now_at);
    perform core.assert_that(
        p_confirm = ops.get_arm_words(p_run_id), 'MQA11', coalesce(p_confirm, 'nothing'));
    perform run.approve_run(p_run_id, p_confirm, p_now_at);
end;
$function$;

comment on function ops.approve_run(uuid, text, timestamptz) is
$$Approves arming a run, in the very words that arm it.
Why: whoever approves has read which account it is and how much may be lost in a day.
Raises: MQA11; MQN02.$$;

create or replace function ops.arm_run(
    p_run_id  uuid,
    p_confirm text,
    p_now_at  timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_checks jsonb;
    v_failed text;
begin
    perform run.lock_run(p_run_id, true, p_now_at);
    perform core.assert_that(
        p_confirm = ops.get_arm_words(p_run_id), 'MQA11', coalesce(p_confirm, 'nothing'));
    select jsonb_agg(to_jsonb(c)),
           string_agg(c.check_name || ': ' || c.detail, '; ') filter (where c.is_ok is not true)
      into v_checks, v_failed
      from ops.check_preflight(p_run_id, p_now_at) as c;
    perform core.assert_that(v_failed is null, 'MQG03', v_failed);
    perform run.arm_run(p_run_id, p_confirm, v_checks, p_now_at);
end;
$function$;

comment on function ops.arm_run(uuid, text, timestamptz) is
$$Arms a run when the words match and every preflight check passes; what was seen is the proof.
Raises: MQN02; MQA11; MQG03 naming the failed checks; and all of run.arm_run.$$;

create or replace function ops.clear_halted(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        oms.count_unresolved(p_run_id) = 0, 'MQG07', oms.count_unresolved(p_run_id)::text);
    perform oms.cancel_flatten(p_run_id, 'the halt is cleared', p_now_at);
    perform run.clear_halted(p_run_id, p_reason, p_now_at);
end;
$function$;

comment on function ops.clear_halted(uuid, text, timestamptz) is
$$Clears a halt once no order is unresolved, and ends its flatten;
the run is STOPPED and must pass preflight again.
Raises: MQG07; MQS01 not halted.$$;

create or replace function ops.list_token_commands()
returns table (
    command    text,
    action     text,
    scope      text,
    group_name text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    values ('run_create', 'CREATE', 'operate', 'mqk_operator'),
           ('run_arm', 'ARM', 'operate', 'mqk_operator'),
           ('run_begin', 'BEGIN', 'operate', 'mqk_operator'),
           ('run_stop', 'STOP', 'operate', 'mqk_operator'),
           ('run_clear_halted', 'CLEAR_HALTED', 'operate', 'mqk_operator'),
           ('orders_cancel', 'CANCEL', 'operate', 'mqk_operator'),
           ('orders_cancel_all', 'CANCEL', 'operate', 'mqk_operator'),
           ('run_approve', 'APPROVE', 'approve', 'mqk_approver'),
           ('run_halt', 'HALT', 'halt', 'mqk_operator'),
           ('run_halt', 'HALT', 'halt', 'mqk_approver'),
           ('run_halt', 'HALT', 'halt', 'mqk_auditor'),
           ('token_revoke', 'TOKEN_REVOKE', 'admin', 'mqk_operator'),
           ('token_check', 'TOKEN_CHECK', 'read', 'mqk_operator'),
           ('token_check', 'TOKEN_CHECK', 'read', 'mqk_approver'),
           ('token_check', 'TOKEN_CHECK', 'read', 'mqk_auditor');
$function$;

comment on function ops.list_token_commands() is
$$What can be done with a token: the command, the operator action that it is, the scope that it asks for,
and the groups of which the person must still be a member (one is enough).
Why: one list for issuing and for using; arming LIVE asks for the scope arm_live as well.$$;

create or replace function ops.assert_token_scopes(
    p_actor  text,
    p_scopes text[]
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_beyond text;
begin
    select string_agg(s.scope, ', ' order by s.scope) into v_beyond
      from unnest(p_scopes) as s (scope)
     where not exists (
           select
             from ops.list_token_commands() as c
            where c.scope = case s.scope when 'arm_live' then 'operate' else s.scope end
              and pg_has_role(p_actor, c.group_name, 'member'));
    perform core.assert_that(
        v_beyond is null, 'MQG63', format('%s may not %s', p_actor, v_beyond));
end;
$function$;

comment on function ops.assert_token_scopes(text, text[]) is
$$Refuses scopes that the person's own groups do not give: an operator cannot make himself an approver.
Raises: MQG63 naming the scopes, unknown ones too.$$;

create or replace function ops.store_token(
    p_args     jsonb,
    p_scopes   text[],
    p_replaces text,
    p_now_at   timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_expires_at timestamptz := core.parse_time(p_args ->> 'expires_at');
begin
    perform core.assert_that(
        num_nulls(p_args ->> 'token_id', p_args ->> 'verifier', p_args ->> 'environment',
                  p_scopes, v_expires_at) = 0,
        'MQA01', 'token_id, verifier, environment, scopes, expires_at');
    perform ops.assert_token_scopes(audit.get_actor(), p_scopes);
    insert into ops.tokens (
        token_id, verifier, environment, actor, scopes, replaces, issued_at, expires_at)
    values (p_args ->> 'token_id', p_args ->> 'verifier', p_args ->> 'environment',
            audit.get_actor(), p_scopes, p_replaces, p_now_at, v_expires_at);
    return format('%s: %s until %s', p_args ->> 'token_id', array_to_string(p_scopes, ' '),
                  core.format_iso(v_expires_at));
end;
$function$;

comment on function ops.store_token(jsonb, text[], text, timestamptz) is
$$Keeps a token's terms for the person who acts; says them back. Keys: token_id, verifier (SHA-256 hex of
the digest that its use will bring), environment, expires_at.
Raises: MQA01; MQG63; 23514 naming the term that is out of bounds.$$;

create or replace function ops.issue_token(
    p_args   jsonb,
    p_now_at timestamptz
)
returns text
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select ops.store_token(p_args, core.parse_names(p_args -> 'scopes'), null, p_now_at);
$function$;

comment on function ops.issue_token(jsonb, timestamptz) is
$$Issues a token to the person who asks, with the scopes asked for.
Raises: as ops.store_token.$$;

create or replace function ops.rotate_token(
    p_args   jsonb,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_old ops.tokens;
begin
    select t.* into v_old from ops.tokens as t where t.token_id = p_args ->> 'replaces';
    perform core.assert_that(found, 'MQN60', p_args ->> 'replaces');
    perform core.assert_that(v_old.actor = audit.get_actor(), 'MQG63', 'it is ' || v_old.actor || '''s');
    perform core.assert_that(
        v_old.expires_at > p_now_at
        and not exists (select from ops.token_ends as e where e.token_id = v_old.token_id)
        and not exists (select from ops.tokens as t where t.replaces = v_old.token_id),
        'MQS60', v_old.token_id);
    insert into ops.token_ends (token_id, ends_at, ended_by, reason, ended_at)
    values (v_old.token_id, p_now_at + interval '24 hours', audit.get_actor(), 'rotated', p_now_at);
    insert into ops.token_ends (token_id, ends_at, ended_by, reason, ended_at)
    select v_old.replaces, p_now_at, audit.get_actor(), 'rotated again', p_now_at
     where v_old.replaces is not null;
    return ops.store_token(
        p_args || jsonb_build_object('environment', v_old.environment), v_old.scopes,
        v_old.token_id, p_now_at);
end;
$function$;

comment on function ops.rotate_token(jsonb, timestamptz) is
$$Issues a token with the scopes of an own one (key replaces), which ends within 24 hours; what that one had
replaced ends now, so that two at most are valid.
Raises: MQN60; MQG63 somebody else's; MQS60 ended or replaced; as ops.store_token.$$;

create or replace function ops.revoke_token(
    p_token_id text,
    p_reason   text,
    p_now_at   timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        exists (select from ops.tokens as t where t.token_id = p_token_id), 'MQN60', p_token_id);
    insert into ops.token_ends (token_id, ends_at, ended_by, reason, ended_at)
    values (p_token_id, p_now_at, audit.get_actor(), p_reason, p_now_at);
end;
$function$;

comment on function ops.revoke_token(text, text, timestamptz) is
$$Ends a token now, whosever it is: anyone may stop.
Raises: MQN60 no such token.$$;

create or replace function ops.find_token_denial(
    p_token_id  text,
    p_digest    text,
    p_command   text,
    p_engine_id text,
    p_is_live   boolean,
    p_now_at    timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case
               when t.token_id is null then 'no such token'
               when p_now_at < t.issued_at then 'not yet issued'
               when p_now_at >= t.expires_at then 'expired'
               when exists (select from ops.token_ends as e
                             where e.token_id = t.token_id and e.ends_at <= p_now_at) then 'ended'
               when not exists (select from ops.list_token_commands() as c
                                 where c.command = p_command and c.scope = any(t.scopes))
               then 'the scope does not cover ' || p_command
               when p_command = 'run_arm' and p_is_live is not false and not 'arm_live' = any(t.scopes)
               then 'the scope does not cover arming LIVE'
               when not run.is_in_scope(t.actor, p_engine_id)
               then 'the engine is out of the scope of ' || t.actor
               when not exists (select
                                  from ops.list_token_commands() as c
                                  join pg_roles as r on r.rolname = t.actor and r.rolcanlogin
                                 where c.command = p_command
                                   and pg_has_role(r.oid, c.group_name, 'member'))
               then t.actor || ' may not do this any more'
           end
      from (values (p_token_id, core.hash_text(p_digest))) as p (token_id, verifier)
      left join ops.tokens as t on t.verifier = p.verifier and t.token_id = p.token_id;
$function$;

comment on function ops.find_token_denial(text, text, text, text, boolean, timestamptz) is
$$Why this token may not be used for this command now; null when it may.
Why: it is found by its digest, so nothing compares secrets, and judged by the groups and engines of
the person as they are now: who has lost his membership has lost his tokens.$$;

create or replace function ops.count_token_failures(
    p_token_id text,
    p_peer     text,
    p_now_at   timestamptz
)
returns table (
    of_id   bigint,
    of_peer bigint,
    of_all  bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*) filter (where u.presented_id = p_token_id),
           count(*) filter (where u.peer = p_peer and u.login = session_user),
           count(*)
      from ops.token_uses as u
     where not u.is_accepted
       and u.used_at > p_now_at - interval '1 minute';
$function$;

comment on function ops.count_token_failures(text, text, timestamptz) is
$$Refused uses of tokens in the last minute: of this token's id, of this login at this address, of all.$$;

create or replace function ops.refuse_token(
    p_token_id text,
    p_peer     text,
    p_command  text,
    p_reason   text,
    p_now_at   timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_count record;
begin
    select c.* into v_count from ops.count_token_failures(p_token_id, p_peer, p_now_at) as c;
    perform core.assert_that(
        v_count.of_id < 10 and v_count.of_peer < 10 and v_count.of_all < 100, 'MQG62',
        format('%s of this id, %s of this login and address, %s of all',
               v_count.of_id, v_count.of_peer, v_count.of_all));
    insert into ops.token_uses (
        presented_id, login, peer, command, is_accepted, reason, used_at)
    values (p_token_id, session_user, p_peer, p_command, false, p_reason, p_now_at);
    perform audit.append_desk_event(
        'RUNTIME', 'TOKEN_REFUSED',
        jsonb_build_object('token_id', p_token_id, 'login', session_user, 'peer', p_peer,
                           'command', p_command, 'reason', p_reason), p_now_at);
end;
$function$;

comment on function ops.refuse_token(text, text, text, text, timestamptz) is
$$Writes down a refused use of a token, and after ten a minute (of an id, or of a login at an address; 100
of all) refuses to write more.
Why: who guesses must not fill the disk or the diary; a token that is valid is never held up, so that
nobody can keep an operator from a halt by guessing under his token's id.
Raises: MQG62 too many.$$;

create or replace function ops.assert_token_call(
    p_token_id text,
    p_digest   text,
    p_command  text,
    p_args     jsonb,
    p_now_at   timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(num_nulls(p_token_id, p_digest, p_command, p_args, p_now_at) = 0,
                             'MQA01', 'token_id, digest, command, arguments, now_at');
    perform core.assert_that(
        p_token_id ~ '^[0-9a-f]{8}$' and jsonb_typeof(p_args) = 'object'
        and p_command in (select c.command from ops.list_token_commands() as c),
        'MQA02', format('token_id %s, command %s', left(p_token_id, 8), left(p_command, 40)));
    perform core.assert_clock_is_near(p_now_at);
end;
$function$;

comment on function ops.assert_token_call(text, text, text, jsonb, timestamptz) is
$$Refuses a call with a token that is malformed, or whose time is not that of the server.
Why: a console that lies about the time must not make an expired token live.
Raises: MQA01; MQA02 no token's id, no such command; MQA03.$$;

create or replace function ops.accept_token(
    p_token_id text,
    p_peer     text,
    p_command  text,
    p_now_at   timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    insert into ops.token_uses (
        presented_id, login, peer, command, is_accepted, reason, used_at)
    values (p_token_id, session_user, p_peer, p_command, true, '', p_now_at);
    perform audit.begin_acting(
        (select t.actor from ops.tokens as t where t.token_id = p_token_id), p_token_id, p_now_at);
end;
$function$;

comment on function ops.accept_token(text, text, text, timestamptz) is
$$Writes down that a token was used, and acts for its person to the end of the transaction.$$;

create or replace function ops.list_tokens(
    p_now_at timestamptz
)
returns table (
    token_id     text,
    environment  text,
    actor        text,
    scopes       text[],
    is_valid     boolean,
    issued_at    timestamptz,
    ends_at      timestamptz,
    last_used_at timestamptz,
    refused      bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select t.token_id, t.environment, t.actor, t.scopes,
           p_now_at >= t.issued_at and p_now_at < least(t.expires_at, e.ends_at),
           t.issued_at, least(t.expires_at, e.ends_at), u.last_used_at, u.refused
      from ops.tokens as t
     cross join lateral (
        select min(x.ends_at) as ends_at from ops.token_ends as x where x.token_id = t.token_id) as e
     cross join lateral (
        select max(x.used_at) filter (where x.is_accepted) as last_used_at,
               count(*) filter (where not x.is_accepted) as refused
          from ops.token_uses as x where x.presented_id = t.token_id) as u
     order by t.issued_at desc, t.token_id;
$function$;

comment on function ops.list_tokens(timestamptz) is
$$Every token with its terms, whether it is valid at p_now_at, and how it was used; never its secret.$$;

create or replace function ops.cancel_action(
    p_action_id uuid,
    p_reason    text,
    p_now_at    timestamptz
)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_runs text;
begin
    lock table md.corporate_actions in share row exclusive mode;
    select string_agg(d.run_id::text, ', ' order by d.run_id) into v_runs
      from ledger.adjustments as d
     where d.action_id = p_action_id
       and (d.action_kind = 'SPLIT'
            or exists (select from ledger.entries as e
                        where e.run_id = d.run_id and e.adjustment_seq = d.adjustment_seq));
    perform core.assert_that(v_runs is null, 'MQS13', v_runs);
    return md.cancel_action(p_action_id, p_reason, p_now_at);
end;
$function$;

comment on function ops.cancel_action(uuid, text, timestamptz) is
$$Cancels a corporate action (md.cancel_action), unless the books of a run have booked it.
Why: shares that were split in the books stay so; a run that was told wrong is stopped by a person.
Raises: MQS13 naming the runs; MQA01; MQA12; MQN11.$$;

create or replace function ops.act(
    p_action text,
    p_run_id uuid,
    p_args   jsonb,
    p_now_at timestamptz
)
returns table (
    run_id uuid,
    detail text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    run_id := p_run_id;
    detail := '';
    perform core.assert_that(
        p_action not in ('STOP', 'HALT', 'FLATTEN', 'CLEAR_HALTED', 'CANCEL', 'CLEAR_DAY_TRADER',
                         'TOKEN_REVOKE', 'CHANGE_MODE')
        or length(p_args ->> 'reason') between 1 and 500, 'MQA12', p_args ->> 'reason');
    case p_action
        when 'CREATE' then
            run_id := ops.create_run(
                p_args ->> 'config', core.parse_time(p_args ->> 'as_of_at'), p_now_at);
        when 'APPROVE' then perform ops.approve_run(p_run_id, p_args ->> 'confirm', p_now_at);
        when 'ARM' then perform ops.arm_run(p_run_id, p_args ->> 'confirm', p_now_at);
        when 'CHANGE_MODE' then detail := run.change_mode(p_args, p_now_at);
        when 'RESOLVE_DEFECT' then detail := md.resolve_defect(p_args, p_now_at);
        when 'BEGIN' then perform run.begin_run(p_run_id, p_now_at);
        when 'STOP' then perform run.stop_run(p_run_id, p_args ->> 'reason', p_now_at);
        when 'HALT' then
            select f.detail into act.detail
              from run.force_halt(p_run_id, 'MANUAL', p_args ->> 'reason', p_now_at) as f;
        when 'FLATTEN' then
            select f.detail into act.detail
              from run.force_halt(p_run_id, 'MANUAL', p_args ->> 'reason', p_now_at) as f;
            perform risk.open_flatten(p_run_id, p_args ->> 'reason', p_now_at);
            detail := concat_ws('; waits for: ', concat_ws('; ', nullif(detail, ''), 'flatten asked'),
                                oms.find_reduction_defect(p_run_id, p_now_at));
        when 'CLEAR_DAY_TRADER' then
            detail := case when risk.clear_day_trader(p_run_id, p_args ->> 'reason', p_now_at)
                           then 'cleared' else 'was not flagged' end;
        when 'CANCEL' then
            select coalesce(string_agg(c.client_order_id || ': ' || c.outcome, ', '), 'no open order')
              into act.detail
              from oms.cancel_orders(
                   p_run_id, p_args ->> 'client_order_id', p_args ->> 'reason', p_now_at) as c;
        when 'CLEAR_HALTED' then perform ops.clear_halted(p_run_id, p_args ->> 'reason', p_now_at);
        when 'TOKEN_ISSUE' then detail := ops.issue_token(p_args, p_now_at);
        when 'TOKEN_ROTATE' then detail := ops.rotate_token(p_args, p_now_at);
        when 'TOKEN_REVOKE' then
            perform ops.revoke_token(p_args ->> 'token_id', p_args ->> 'reason', p_now_at);
        when 'TOKEN_CHECK' then detail := audit.get_actor();
        when 'SCOPE' then
            perform run.set_scope(
                p_args ->> 'login', core.parse_names(p_args -> 'engine_ids'), p_now_at);
    end case;
    return next;
end;
$function$;

comment on function ops.act(text, uuid, jsonb, timestamptz) is
$$Does one operator action: CREATE, APPROVE, ARM, BEGIN, STOP, HALT, FLATTEN, CLEAR_HALTED, CANCEL,
CLEAR_DAY_TRADER, CHANGE_MODE, RESOLVE_DEFECT, TOKEN_*, SCOPE; gives the run's id and what is to be
told about it.
Raises: MQA12 a reason is missing; whatever the action raises.$$;

create or replace function ops.judge_settings(
    p_settings jsonb
)
returns table (
    check_name text,
    is_must    boolean,
    is_ok      boolean,
    finding    text,
    fix        text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select j.check_name, j.is_must, coalesce(j.is_ok, false),
           coalesce(p_settings ->> j.setting, 'unknown: it may not be read'), j.fix
      from (values
           ('fsync', true, 'fsync', p_settings ->> 'fsync' = 'on',
            'fsync = on, or an order is sent that a crash makes us forget'),
           ('full_page_writes', true, 'full_page_writes', p_settings ->> 'full_page_writes' = 'on',
            'full_page_writes = on'),
           ('synchronous_commit', true, 'synchronous_commit',
            p_settings ->> 'synchronous_commit' in ('on', 'local', 'remote_write', 'remote_apply'),
            'synchronous_commit = on'),
           ('zero_damaged_pages', true, 'zero_damaged_pages',
            p_settings ->> 'zero_damaged_pages' = 'off', 'zero_damaged_pages = off'),
           ('data_sync_retry', true, 'data_sync_retry', p_settings ->> 'data_sync_retry' = 'off',
            'data_sync_retry = off'),
           ('data_checksums', false, 'data_checksums', p_settings ->> 'data_checksums' = 'on',
            'stop the server, pg_checksums --enable'),
           ('wal_level', false, 'wal_level', p_settings ->> 'wal_level' in ('replica', 'logical'),
            'wal_level = replica, for backups'),
           ('synchronous_standby', false, 'synchronous_standby_names',
            p_settings ->> 'synchronous_standby_names' <> '',
            'name a standby that commits wait for, or a failover forgets the last orders (docs/dba.md)'),
           ('password_encryption', true, 'password_encryption',
            p_settings ->> 'password_encryption' = 'scram-sha-256', 'password_encryption = scram-sha-256'),
           ('ssl', false, 'ssl',
            p_settings ->> 'ssl' = 'on' or p_settings ->> 'listen_addresses' in ('', 'localhost'),
            'ssl = on, or listen_addresses = '''''),
           ('ssl_min_protocol_version', false, 'ssl_min_protocol_version',
            p_settings ->> 'ssl_min_protocol_version' = 'TLSv1.3' or p_settings ->> 'ssl' = 'off',
            'ssl_min_protocol_version = TLSv1.3'),
           ('preload_libraries', true, 'shared_preload_libraries',
            concat_ws(',', nullif(p_settings ->> 'shared_preload_libraries', ''),
                      nullif(p_settings ->> 'session_preload_libraries', ''),
                      nullif(p_settings ->> 'local_preload_libraries', ''))
            ~ '^ *((pg_stat_statements|auto_explain|pgaudit) *,? *)*$'
            and p_settings ?& array['shared_preload_libraries', 'session_preload_libraries'],
            'load only pg_stat_statements, auto_explain, pgaudit: others run in every session'),
           ('log_connections', false, 'log_connections',
            p_settings ->> 'log_connections' not in ('off', ''), 'log_connections = on'),
           ('server_version', true, 'server_version_num',
            (p_settings ->> 'server_version_num')::integer >= 150000, 'PostgreSQL 15 or newer'),
           ('max_prepared_transactions', false, 'max_prepared_transactions',
            p_settings ->> 'max_prepared_transactions' = '0',
            'max_prepared_transactions = 0: a forgotten one keeps its locks')
           ) as j (check_name, is_must, setting, is_ok, fix);
$function$;

comment on function ops.judge_settings(jsonb) is
$$What the settings of the server (name to text) mean for the promises of this house; a setting that is not
there is unknown, and unknown is not well.
Why: an argument, so that a test can turn each one bad without a server of its own.$$;

create or replace function ops.judge_hba(
    p_rules jsonb
)
returns table (
    check_name text,
    is_must    boolean,
    is_ok      boolean,
    finding    text,
    fix        text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with rule as (
        select r.type, r.auth_method, r.error,
               coalesce(r.address in ('127.0.0.1', '::1', 'localhost', 'samehost'), false) as is_near,
               format('line %s: %s %s %s', r.line_number, r.type, coalesce(r.address, ''),
                      r.auth_method) as line
          from jsonb_to_recordset(p_rules) as r (
               line_number integer, type text, address text, auth_method text, error text)
    ), bad (check_name, line) as (
        select 'hba_can_be_read', line from rule where error is not null
         union all
        select 'hba_network_needs_scram', line
          from rule
         where type <> 'local' and auth_method not in ('scram-sha-256', 'cert', 'reject', 'gss', 'ldap')
         union all
        select 'hba_network_is_encrypted', line
          from rule where type in ('host', 'hostnossl') and not is_near and auth_method <> 'reject'
         union all
        select 'hba_socket_knows_who', line
          from rule where type = 'local' and auth_method in ('trust', 'password', 'md5')
    )
    select c.check_name, c.is_must, p_rules is not null and count(b.line) = 0,
           case when p_rules is null then 'unknown: it may not be read'
                else coalesce(string_agg(b.line, '; '), 'ok') end, c.fix
      from (values ('hba_can_be_read', true, 'grant what docs/security.md says, correct pg_hba.conf'),
                   ('hba_network_needs_scram', true, 'scram-sha-256 or cert; never trust, password, md5'),
                   ('hba_network_is_encrypted', true, 'hostssl instead of host'),
                   ('hba_socket_knows_who', false, 'peer with a map, or a socket out of reach')
           ) as c (check_name, is_must, fix)
      left join bad as b using (check_name)
     group by c.check_name, c.is_must, c.fix;
$function$;

comment on function ops.judge_hba(jsonb) is
$$What the lines of pg_hba.conf (an array of line_number, type, address, auth_method, error) let in that
they should not; null: they may not be read, which is not well.$$;

create or replace function ops.count_faults(
    p_area   text,
    p_faults jsonb
)
returns table (
    check_name text,
    is_must    boolean,
    is_ok      boolean,
    finding    text,
    fix        text
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select c.check_name, c.is_must, count(f.what) = 0,
           left(coalesce(string_agg(f.what, '; ' order by f.what), 'ok'), 500), c.fix
      from (values
           ('logins', 'logins_have_no_power', true, 'alter role ... nosuperuser nocreaterole ...; revoke'),
           ('logins', 'logins_have_one_part', true, 'one login a worker and a person: revoke the others'),
           ('logins', 'logins_keep_the_settings', true, 'alter role ... reset all'),
           ('logins', 'logins_have_a_connection_limit', false, 'alter role ... connection limit 5'),
           ('logins', 'readers_only_read', false,
            'alter role ... set default_transaction_read_only = on'),
           ('logins', 'one_superuser_logs_in', false, 'alter role ... nologin for the others'),
           ('catalog', 'groups_are_as_deployed', true, 'alter role ... nologin nosuperuser ...'),
           ('logins', 'engines_have_logins_of_their_own', false, 'mqk run scope LOGIN --engine ENGINE'),
           ('catalog', 'public_may_not_connect', true, 'revoke all on database ... from public'),
           ('catalog', 'public_has_no_dangerous_functions', false,
            'let a superuser deploy: docs/security.md'),
           ('catalog', 'public_writes_no_code', false, 'revoke usage on language plpgsql, sql from public'),
           ('catalog', 'the_owner_owns_the_house', true, 'alter ... owner to mqk_owner'),
           ('catalog', 'tables_are_granted_to_nobody', true, 'revoke all on ... from ...'),
           ('catalog', 'doors_are_the_only_definers', true, 'mqk db deploy; look who changed the function'),
           ('catalog', 'guards_are_awake', true, 'alter table ... enable trigger all'),
           ('catalog', 'runs_are_scoped', true, 'alter table run.runs force row level security'),
           ('catalog', 'no_way_out_of_the_database', true, 'drop extension ..., drop language ...'),
           ('catalog', 'a_halt_may_end_sessions', false, 'grant pg_signal_backend to mqk_owner'),
           ('catalog', 'nobody_waits_in_a_prepared_transaction', true, 'rollback prepared ...')
           ) as c (area, check_name, is_must, fix)
      left join jsonb_to_recordset(p_faults) as f (check_name text, what text) using (check_name)
     where c.area = p_area
     group by c.check_name, c.is_must, c.fix;
$function$;

comment on function ops.count_faults(text, jsonb) is
$$The checks of an area, each with its faults (an array of check_name, what), or ok.$$;

create or replace function ops.check_logins()
returns table (
    check_name text,
    is_must    boolean,
    is_ok      boolean,
    finding    text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with login as (
        select r.oid, r.rolname, r.rolconnlimit, run.list_powers(r.rolname) as powers,
               array(select g.rolname::text from pg_roles as g
                      where g.rolname ~ '^mqk_' and g.rolname <> 'mqk_owner'
                        and pg_has_role(r.oid, g.oid, 'member') order by 1) as groups,
               array(select c.config from pg_db_role_setting as s
                      cross join lateral unnest(s.setconfig) as c (config)
                      where s.setrole = r.oid and s.setdatabase in (0, d.oid)) as config
          from pg_roles as r
          join pg_database as d on d.datname = current_database()
         where r.rolcanlogin and not r.rolsuper and r.rolname !~ '^mqk_'
    ), bad (check_name, what) as (
        select 'logins_have_no_power', format('%s: %s', rolname, powers)
          from login where powers <> '' and groups <> '{}'
         union all
        select 'logins_have_one_part', format('%s: %s', rolname, array_to_string(groups, ' '))
          from login
         where cardinality(array(select g from unnest(groups) as g where g not in (
                                 'mqk_auditor', 'mqk_readonly'))) > 1
         union all
        select 'logins_keep_the_settings', format('%s: %s', rolname, array_to_string(config, ' '))
          from login
         where groups <> '{}'
           and array_to_string(config, e'\n')
               ~ '(^|\n)(synchronous_commit|search_path|role|row_security|.*preload_libraries|mqk\.)'
         union all
        select 'logins_have_a_connection_limit', rolname
          from login where rolconnlimit = -1 and groups <> '{}'
         union all
        select 'readers_only_read', rolname
          from login
         where groups = '{mqk_readonly}' and not 'default_transaction_read_only=on' = any(config)
         union all
        select 'one_superuser_logs_in', string_agg(r.rolname, ' ' order by r.rolname)
          from pg_roles as r where r.rolsuper and r.rolcanlogin having count(*) > 1
         union all
        select 'engines_have_logins_of_their_own', l.rolname
          from login as l
         where l.groups && array['mqk_dispatch', 'mqk_inbox', 'mqk_recon', 'mqk_strategy']
           and (select count(*) from run.engines) > 1
           and not exists (select from run.login_scopes as s where s.login = l.rolname)
    )
    select f.check_name, f.is_must, f.is_ok, f.finding, f.fix
      from ops.count_faults('logins', (select jsonb_agg(to_jsonb(b)) from bad as b)) as f;
$function$;

comment on function ops.check_logins() is
$$Whether the logins of this server are such that grants can hold them back, and each has one part.$$;

create or replace function ops.list_strange_owners()
returns table (
    what text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select format('%s of %s', o.name, o.owner::regrole)
      from (select c.oid::regclass::text, c.relowner, c.relnamespace from pg_class as c
             union all
            select p.oid::regprocedure::text, p.proowner, p.pronamespace from pg_proc as p
             union all
            select n.nspname, n.nspowner, n.oid from pg_namespace as n) as o (name, owner, room)
     where o.room in (select n.oid from pg_namespace as n
                       where n.nspname in ('core', 'audit', 'ref', 'run', 'md', 'ledger', 'strat', 'risk',
                                           'sim', 'oms', 'recon', 'lab', 'ops', 'inv', 'replay', 'pager',
                                           'io', 'api'))
       and o.owner <> 'mqk_owner'::regrole;
$function$;

comment on function ops.list_strange_owners() is
$$What stands in a room and belongs to somebody else than mqk_owner.$$;

create or replace function ops.list_ways_out()
returns table (
    check_name text,
    what       text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 'no_way_out_of_the_database', format('extension %s', e.extname)
      from pg_extension as e
     where e.extname ~ '^(dblink|postgres_fdw|file_fdw|adminpack|pl.*u|plsh|http|pg_cron|pg_net)$'
     union all
    select 'no_way_out_of_the_database', format('language %s', l.lanname)
      from pg_language as l
     where not l.lanpltrusted and l.lanname not in ('internal', 'c')
     union all
    select 'no_way_out_of_the_database', format('foreign server %s', s.srvname)
      from pg_foreign_server as s
     union all
    select 'a_halt_may_end_sessions', 'mqk_owner is no member of pg_signal_backend'
     where not pg_has_role('mqk_owner', 'pg_signal_backend', 'member')
     union all
    select 'groups_are_as_deployed', r.rolname
      from pg_roles as r
     where r.rolname ~ '^mqk_'
       and (r.rolcanlogin or r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolbypassrls
            or r.rolreplication)
     union all
    select 'nobody_waits_in_a_prepared_transaction', x.gid
      from pg_prepared_xacts as x
     where x.database = current_database();
$function$;

comment on function ops.list_ways_out() is
$$What of this database reaches the machine or other servers, what a halt could not end, and groups
that became more than groups.$$;

create or replace function ops.check_catalog()
returns table (
    check_name text,
    is_must    boolean,
    is_ok      boolean,
    finding    text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with room as (
        select n.oid, n.nspname, n.nspowner from pg_namespace as n
         where n.nspname in ('core', 'audit', 'ref', 'run', 'md', 'ledger', 'strat', 'risk', 'sim',
                             'oms', 'recon', 'lab', 'ops', 'inv', 'replay', 'pager', 'io', 'api')
    ), relation as (
        select c.* from pg_class as c join room as r on r.oid = c.relnamespace
         where c.relkind in ('r', 'p', 'v', 'm', 'S')
    ), bad (check_name, what) as (
        select 'public_may_not_connect', a.privilege_type
          from pg_database as d
         cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as a
         where d.datname = current_database() and a.grantee = 0
         union all
        select 'public_has_no_dangerous_functions', p.proname
          from pg_proc as p
         where p.pronamespace = 'pg_catalog'::regnamespace
           and p.proname ~ ('^(pg_(try_)?advisory_|pg_sleep|pg_notify$|pg_logical_emit_message$|lowrite$'
                            || '|lo_(create?|from_bytea|put|open)$)')
           and has_function_privilege('public', p.oid, 'execute')
         union all
        select 'public_writes_no_code', l.lanname
          from pg_language as l
         where l.lanpltrusted and has_language_privilege('public', l.oid, 'usage')
         union all
        select 'the_owner_owns_the_house', f.what from ops.list_strange_owners() as f
         union all
        select 'tables_are_granted_to_nobody', format('%s to %s', c.oid::regclass, a.grantee::regrole)
          from relation as c cross join lateral aclexplode(c.relacl) as a
         where a.grantee <> c.relowner
         union all
        select 'doors_are_the_only_definers', p.oid::regprocedure::text
          from pg_proc as p join room as r on r.oid = p.pronamespace
         where p.prosecdef <> (r.nspname in ('io', 'api'))
            or (p.prosecdef and not 'search_path=pg_catalog, pg_temp' = any(p.proconfig)) is not false
         union all
        select 'guards_are_awake', format('%s on %s', t.tgname, t.tgrelid::regclass)
          from pg_trigger as t join relation as c on c.oid = t.tgrelid where t.tgenabled <> 'O'
         union all
        select 'runs_are_scoped', c.relname from relation as c
         where c.oid = 'run.runs'::regclass and not (c.relrowsecurity and c.relforcerowsecurity)
         union all
        select f.check_name, f.what from ops.list_ways_out() as f
    )
    select f.check_name, f.is_must, f.is_ok, f.finding, f.fix
      from ops.count_faults('catalog', (select jsonb_agg(to_jsonb(b)) from bad as b)) as f;
$function$;

comment on function ops.check_catalog() is
$$Whether the house stands as it was deployed: owners, grants, definers, guards, and no way round them.$$;

create or replace function ops.check_anchors(
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_must    boolean,
    is_ok      boolean,
    finding    text,
    fix        text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with desk as (
        select r.engine_id, bool_or(r.mode = 'LIVE') as is_live,
               (select count(*) from audit.anchors as a where a.engine_id = r.engine_id) as anchors,
               (select min(u.since_at)
                  from audit.find_unanchored(r.engine_id, null, p_now_at) as u) as since_at
          from run.runs as r
         where r.run_status in ('ARMED', 'RUNNING') and r.clock_kind = 'SERVER'
         group by r.engine_id
    ), late as (
        select d.*
          from desk as d
         where (d.anchors > 0 or d.is_live)
           and d.since_at < p_now_at - interval '5 minutes'
    )
    select 'diary_is_anchored', coalesce(bool_or(l.is_live), false), count(*) = 0,
           coalesce(string_agg(format('%s: not since %s', l.engine_id, core.format_iso(l.since_at)),
                               ', ' order by l.engine_id),
                    case when exists (select from audit.anchors) then 'within five minutes'
                         else 'no anchors: the diary rests on this server alone' end),
           'start mqk worker anchor with its key: docs/audit.md'
      from late as l;
$function$;

comment on function ops.check_anchors(timestamptz) is
$$The check of the doctor that the diaries of armed engines are anchored: a must where an engine trades
LIVE, advice where it has anchored before, silent where there is no key.
Why: five minutes are five times the time that an event waits for its anchor.$$;

create or replace function ops.check_server(
    p_now_at timestamptz
)
returns table (
    check_name text,
    is_must    boolean,
    is_ok      boolean,
    finding    text,
    fix        text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_hba jsonb;
begin
    begin
        v_hba := (select coalesce(jsonb_agg(to_jsonb(h)), '[]') from pg_hba_file_rules as h);
    exception when insufficient_privilege then
        v_hba := null;
    end;
    check_name := 'clock';
    is_must := true;
    fix := 'synchronise the clocks of this machine and of the server (chrony)';
    begin
        perform core.assert_clock_is_near(p_now_at);
        is_ok := true;
        finding := 'within 2 s of the server';
    exception when sqlstate 'MQA03' then
        get stacked diagnostics finding = pg_exception_detail;
        is_ok := false;
    end;
    return next;
    return query values ('primary', true, not pg_is_in_recovery(),
                         case when pg_is_in_recovery() then 'a standby' else 'ok' end,
                         'connect to the primary: standbys are for reports, never for gates');
    return query select f.check_name, f.is_must, f.is_ok, f.finding, f.fix from ops.judge_settings(
        (select jsonb_object_agg(s.name, s.setting) from pg_settings as s)) as f;
    return query select f.check_name, f.is_must, f.is_ok, f.finding, f.fix
                   from ops.judge_hba(v_hba) as f order by 1;
    return query select f.check_name, f.is_must, f.is_ok, f.finding, f.fix
                   from ops.check_logins() as f order by 1;
    return query select f.check_name, f.is_must, f.is_ok, f.finding, f.fix
                   from ops.check_catalog() as f order by 1;
    return query select f.check_name, f.is_must, f.is_ok, f.finding, f.fix
                   from ops.check_anchors(p_now_at) as f;
end;
$function$;

comment on function ops.check_server(timestamptz) is
$$Every check of the doctor that the database can make of itself and of its server; is_must: what money
rests on. Reads only; a false clock of the caller is a check, not an error.$$;

create or replace function ops.perform_action(
    p_action text,
    p_run_id uuid,
    p_args   jsonb,
    p_now_at timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    outcome := 'DONE';
    run_id := p_run_id;
    detail := '';
    begin
        select a.run_id, a.detail into perform_action.run_id, perform_action.detail
          from ops.act(p_action, p_run_id, p_args, p_now_at) as a;
    exception when others then
        get stacked diagnostics error_code = returned_sqlstate, law = message_text,
                                detail = pg_exception_detail;
        if error_code !~ '^MQ[ANSG]' then
            raise;
        end if;
        outcome := 'REFUSED';
    end;
    select r.* into v_run from run.runs as r where r.run_id = perform_action.run_id;
    run_status := v_run.run_status;
    fix := (select c.fix from core.error_codes as c where c.error_code = perform_action.error_code);
    insert into ops.operator_actions (
        action, engine_id, run_id, actor, outcome, error_code, detail, arguments, acted_at)
    values (p_action, v_run.engine_id, v_run.run_id, audit.get_actor(), outcome,
            perform_action.error_code, left(detail, 1000), p_args - 'config', p_now_at);
    perform audit.append_event(
        coalesce(v_run.run_id, audit.open_engine_chain('DESK', p_now_at)), 'RUNTIME',
        'ACTION_' || outcome,
        jsonb_build_object('action', p_action, 'arguments', p_args - 'config',
                           'error_code', perform_action.error_code, 'detail', left(detail, 1000)),
        p_now_at);
    return next;
end;
$function$;

comment on function ops.perform_action(text, uuid, jsonb, timestamptz) is
$$Does an operator action and writes down who asked, with what outcome. A refusal is a returned row
(law, detail, fix) and is kept; only a broken invariant or a database error raises.
Why: what was asked of this desk and refused must be remembered too.$$;

create or replace function ops.act_as_token(
    p_token_id text,
    p_digest   text,
    p_command  text,
    p_args     jsonb,
    p_now_at   timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_peer   text := coalesce(host(inet_client_addr()), 'local');
    v_run    run.runs;
    v_denial text;
    v_action text;
begin
    perform ops.assert_token_call(p_token_id, p_digest, p_command, p_args, p_now_at);
    select r.* into v_run
      from run.runs as r
     where r.run_id = coalesce(
               (p_args ->> 'run_id')::uuid,
               (select o.run_id from oms.orders as o
                 where o.client_order_id = p_args ->> 'client_order_id'));
    v_denial := ops.find_token_denial(
        p_token_id => p_token_id, p_digest => p_digest, p_command => p_command,
        p_engine_id => case p_command
            when 'run_create' then (p_args ->> 'config')::jsonb #>> '{engine,engine_id}'
            else v_run.engine_id end,
        p_is_live => v_run.mode = 'LIVE', p_now_at => p_now_at);
    if v_denial is not null then
        perform ops.refuse_token(p_token_id, v_peer, p_command, v_denial, p_now_at);
        return query
            select 'REFUSED', v_run.run_id, v_run.run_status, c.error_code, c.law, v_denial, c.fix
              from core.error_codes as c where c.error_code = 'MQG61';
        return;
    end if;
    perform ops.accept_token(p_token_id, v_peer, p_command, p_now_at);
    v_action := (select max(c.action) from ops.list_token_commands() as c
                  where c.command = p_command);
    return query
        select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
          from ops.perform_action(
               v_action, coalesce(v_run.run_id, (p_args ->> 'run_id')::uuid), p_args - 'run_id',
               p_now_at) as f;
end;
$function$;

comment on function ops.act_as_token(text, text, text, jsonb, timestamptz) is
$$Does an operator action in the name of the person whose token it is, if the token is valid and covers the
command; what the person may not do, the token may not. A refusal is a returned row, and is kept.
Raises: MQA01; MQA02; MQA03 the caller's clock is wrong; MQG62 too many refused uses; 22P02 a run's id or a
config that cannot be read.$$;

create or replace function ops.list_data_holds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 1, 'data', d.reason is null, null::timestamptz, left(coalesce(d.reason, 'no defect'), 240),
           (select format('%s defects, of which the policy lets %s pass', count(*),
                          count(*) filter (where not a.is_brake))
              from md.list_defects(p_run_id, p_now_at) as a),
           'md.list_defects', format('mqk md defects %s; mqk md resolve', p_run_id)
      from run.runs as r
      cross join lateral md.describe_defects(r.run_id, p_now_at) as d
     where r.run_id = p_run_id;
$function$;

comment on function ops.list_data_holds(uuid, timestamptz) is
$$Whether the data of a run can be trusted, and what is wrong with it: judged now, whatever the gate
last said.$$;

create or replace function ops.list_market_holds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with r as (select * from run.runs as r where r.run_id = p_run_id),
    c as (
        select c.*
          from r
          left join lateral md.get_complete_bar(p_run_id, p_now_at) as c on true
    )
    select 1, 'bars', c.bar_end_at is not null, c.bar_end_at,
           coalesce('bar ' || md.format_bar(p.timeframe, c.session_on, c.bar_end_at)
                    || ' is complete', 'the last bar is not there for every symbol'),
           (select string_agg(format('%s %s', b.symbol, b.last_on), ', ' order by b.symbol collate "C")
              from (select u.symbol, max(b.session_on) as last_on
                      from run.universe as u
                      left join md.bars as b on b.symbol = u.symbol and b.timeframe = p.timeframe
                                            and b.bar_end_at <= p_now_at
                     where u.run_id = p_run_id
                     group by u.symbol) as b),
           'md.bars', 'mqk worker marketdata; mqk md status'
      from c
      cross join md.policies as p
     where p.run_id = p_run_id
     union all
    select 4, 'strategy', s.is_enabled, s.registered_at,
           format('%s %s, version %s', s.strategy_kind, s.strategy_id, s.version),
           format('a window of %s bars', a.window_bars), 'strat.assignments',
           'mqk run strategies; enable it, or create a run with another'
      from strat.assignments as a
      join strat.strategies as s using (strategy_id)
     where a.run_id = p_run_id
     union all
    select 5, 'decision', d.bar_end_at is not null, d.decided_at,
           case when d.bar_end_at is not null then 'the last bar is decided'
                when c.bar_end_at is null then 'no complete bar to decide on'
                else 'the last bar waits for the strategist' end,
           (select string_agg(format('%s %s', t.symbol, t.target_qty), ', ' order by t.symbol collate "C")
              from strat.targets as t
             where t.run_id = p_run_id and t.bar_end_at = d.bar_end_at),
           'strat.decisions ' || core.format_iso(d.bar_end_at), 'mqk worker strategist'
      from c
      left join strat.decisions as d on d.run_id = p_run_id and d.bar_end_at = c.bar_end_at;
$function$;

comment on function ops.list_market_holds(uuid, timestamptz) is
$$From a bar to a target: is the last bar complete, is the strategy enabled, has it decided.$$;

create or replace function ops.list_action_holds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 1, 'action ' || a.symbol, false, a.effective_at,
           format('a corporate action is due: %s', md.format_terms(a)),
           format('%s shares held', ledger.get_position_qty(p_run_id, a.symbol)),
           'md.corporate_actions ' || a.action_id, 'mqk worker marketdata'
      from ledger.list_due_actions(p_run_id, p_now_at) as a
     union all
    select 1, 'period ' || u.symbol, false, null, b.reason,
           format('%s shares held', ledger.get_position_qty(p_run_id, u.symbol)),
           'md.forbid_periods, md.corporate_actions', 'wait until it is over; what is held may be sold'
      from run.universe as u
     cross join lateral md.find_ban(p_run_id, u.symbol, p_now_at) as b (reason)
     where u.run_id = p_run_id and b.reason is not null;
$function$;

comment on function ops.list_action_holds(uuid, timestamptz) is
$$Corporate actions that have taken effect and that the books have not taken over: until then nothing of
the symbol is decided or sent. And the symbols in which no new risk is taken now.$$;

create or replace function ops.list_run_holds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 2, 'run', r.run_status = 'RUNNING', h.moved_at, r.run_status || ': ' || h.reason,
           format('%s run %s of %s', r.mode, r.run_seq, r.engine_id),
           'run.run_history ' || h.history_seq,
           case r.run_status
               when 'ARMED' then format('mqk run begin %s', p_run_id)
               when 'HALTED' then format('mqk run clear-halted %s --reason "..."', p_run_id)
               else format('mqk run preflight %s', p_run_id) end
      from run.runs as r
      join run.run_history as h on h.run_id = r.run_id and h.history_seq = r.status_seq
     where r.run_id = p_run_id
     union all
    select 3, 'arming', r.run_status in ('ARMED', 'RUNNING') and g.boot_at = core.get_boot_at(),
           g.armed_at,
           case when g.run_id is null then 'never armed'
                when r.run_status not in ('ARMED', 'RUNNING') then 'disarmed'
                when g.boot_at <> core.get_boot_at()
                    then 'the server was started at ' || core.format_iso(core.get_boot_at())
                else format('armed by %s%s', g.armed_by, ', approved by ' || g.approved_by) end,
           g.words, 'run.armings ' || g.history_seq, format('mqk run preflight %s', p_run_id)
      from run.runs as r
      left join lateral (
           select g.* from run.armings as g
            where g.run_id = r.run_id order by g.history_seq desc limit 1) as g on true
     where r.run_id = p_run_id
     union all
    select 8, 'leader ' || l.worker_kind, l.is_held, l.taken_at, l.what,
           format('a lease of %s', run.get_lease_ttl(p_run_id)), 'run.leases',
           'mqk worker ' || l.worker_kind
      from run.list_leases(p_run_id, p_now_at) as l
     union all
    select 12, 'flatten', f.done_at is not null or d.defect is null, f.asked_at,
           case when f.done_at is not null then 'flat since ' || core.format_iso(f.done_at)
                else coalesce('waits: ' || d.defect, 'positions are being closed') end,
           format('asked by %s: %s', f.actor, f.reason), 'risk.flattens ' || f.halted_seq,
           'settle it with the broker; it goes on by itself'
      from risk.get_flatten(p_run_id) as f
      cross join lateral (select oms.find_reduction_defect(p_run_id, p_now_at) as defect) as d
     where f.run_id is not null;
$function$;

comment on function ops.list_run_holds(uuid, timestamptz) is
$$Where the run stands, what its arming is worth, who leads its workers.$$;

create or replace function ops.list_halt_holds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 12, 'orders of a halt', false, o.created_at,
           'the broker refused three times to end ' || o.client_order_id,
           format('%s %s shares are open', o.leaves_qty, o.symbol), 'oms.orders ' || o.order_id,
           format('end it at the broker, or mqk orders cancel %s --reason "..."', o.client_order_id)
      from oms.orders as o
     where o.run_id = p_run_id and oms.is_unfinished(o) and o.created_at <= p_now_at
       and oms.count_halt_refusals(p_run_id, o.order_id) >= 3;
$function$;

comment on function ops.list_halt_holds(uuid, timestamptz) is
$$Orders that work on in a halted run because the broker would not end them: a person must.$$;

create or replace function ops.measure_gate(
    p_run_id uuid,
    p_gate   text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case p_gate
        when 'RISK' then (
            select format('equity %s; lost today %s of %s; off the peak %s of %s',
                          core.format_micros(s.equity_micros),
                          core.format_micros(s.day_start_micros - s.equity_micros),
                          core.format_micros(l.daily_loss_limit_micros),
                          core.format_micros(s.peak_micros - s.equity_micros),
                          core.format_micros(l.max_drawdown_micros))
              from risk.states as s
              join risk.limits as l using (run_id)
             where s.run_id = p_run_id)
        when 'RECON' then (
            select format('snapshot %s: %s, %s differences that halt, %s that may settle',
                          c.snapshot_seq, c.verdict,
                          c.order_drifts + c.position_drifts + c.cash_drifts + c.other_drifts,
                          c.warning_drifts + c.unsettled_drifts)
              from recon.comparisons as c
             where c.run_id = p_run_id
             order by c.snapshot_seq desc
             limit 1)
        when 'DEADMAN' then (
            select string_agg(format('%s at %s', h.worker_kind, core.format_iso(h.beat_at)), ', '
                              order by h.beat_at) || format('; ttl %s ms', r.deadman_ttl_ms)
              from run.runs as r
              join run.heartbeats as h using (run_id)
             where r.run_id = p_run_id
             group by r.run_id)
        when 'INTEGRITY' then (
            select format('the last %s bars: %s may lack; %s ms late; %s bps off the close before%s',
                          p.gap_window_bars, p.gap_tolerance_bars, p.stale_after_ms, p.outlier_bps,
                          '; ' || p.disagreement_bps || ' bps off feed ' || p.second_feed)
              from md.policies as p
             where p.run_id = p_run_id)
        else 'the broker''s events, without a gap' end;
$function$;

comment on function ops.measure_gate(uuid, text) is
$$What a gate measures, and against which limit.$$;

create or replace function ops.list_gate_holds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 7, 'gate ' || k.gate, s.gate is null, h.observed_at,
           coalesce(s.reason, h.reason)
           || coalesce('; proof until ' || core.format_iso(case when s.gate is null
                                                                then g.expires_at end), ''),
           ops.measure_gate(p_run_id, k.gate), format('run.gate_history %s %s', k.gate, h.gate_seq),
           case k.gate
               when 'CONTINUITY' then 'mqk worker broker_events: it asks for what is missing'
               when 'DEADMAN' then 'mqk run check-health; a halt must be cleared'
               when 'INTEGRITY' then 'mqk md status; mqk worker marketdata'
               when 'RECON' then format('mqk recon drifts %s; mqk worker snapshots', p_run_id)
               else format('mqk risk show %s; a halt must be cleared', p_run_id) end
      from run.runs as r
      cross join unnest(run.list_gates()) as k (gate)
      left join run.gates as g on g.run_id = r.run_id and g.gate = k.gate
      left join run.gate_history as h
        on h.run_id = g.run_id and h.gate = g.gate and h.gate_seq = g.gate_seq
      left join run.list_shut_gates(p_run_id, run.list_gates(), p_now_at) as s on s.gate = k.gate
     where r.run_id = p_run_id;
$function$;

comment on function ops.list_gate_holds(uuid, timestamptz) is
$$The gates of a run: open or shut, since when, until when, what was measured, by which row.$$;

create or replace function ops.list_order_holds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select 6, 'verdict ' || d.symbol, d.verdict = 'ALLOW', d.decided_at, d.verdict || ': ' || d.rule,
           format('%s shares', d.order_qty), 'risk.decisions ' || d.intent_id,
           format('mqk risk decisions %s', p_run_id)
      from (select distinct on (d.symbol collate "C") d.* from risk.decisions as d
             where d.run_id = p_run_id order by d.symbol collate "C", d.decided_at desc) as d
     union all
    select 9, 'orders in doubt', u.orders = 0, null,
           case u.orders when 0 then 'every order is accounted for'
                         else 'the broker''s word on them is missing' end,
           u.orders || ' orders', 'oms.outbox',
           format('mqk worker gateway: it looks them up; mqk orders list %s', p_run_id)
      from (select oms.count_unresolved(p_run_id) as orders) as u
     union all
    select 10, 'requests that wait', count(o.outbox_id) = 0, min(o.enqueued_at),
           case when count(o.outbox_id) = 0 then 'none'
                when bool_or(o.not_before_at > p_now_at)
                    then 'not before ' || core.format_iso(max(o.not_before_at))
                else 'for the gateway' end,
           count(o.outbox_id) || ' requests', 'oms.outbox ' || min(o.outbox_id), 'mqk worker gateway'
      from (select) as one
      left join oms.outbox as o on o.run_id = p_run_id and o.outbox_status = 'PENDING'
     union all
    select 11, 'request budget', b.held_until_at <= p_now_at is not false and l.left_qty > 30,
           b.window_started_at,
           case when b.held_until_at > p_now_at
                then 'the broker said: not before ' || core.format_iso(b.held_until_at)
                else 'requests of this minute' end,
           format('%s are left%s; a submit leaves 30 for cancels', l.left_qty,
                  ', the broker said ' || b.remaining),
           'oms.budgets', 'it heals by itself'
      from run.runs as r
      join oms.budgets as b using (account_id)
     cross join lateral oms.count_budget(b, p_now_at) as l (left_qty)
     where r.run_id = p_run_id;
$function$;

comment on function ops.list_order_holds(uuid, timestamptz) is
$$From a target to the broker: the last verdicts, orders in doubt, requests that wait, the budget.$$;

create or replace function ops.list_holds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    step     integer,
    gate     text,
    is_open  boolean,
    since    timestamptz,
    reason   text,
    measured text,
    evidence text,
    clear    text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select h.step, h.gate, h.is_open is true, h.since, h.reason, h.measured, h.evidence,
           case when h.is_open is not true then h.clear end
      from (select f.* from ops.list_market_holds(p_run_id, p_now_at) as f
             union all
            select f.* from ops.list_data_holds(p_run_id, p_now_at) as f
             union all
            select f.* from ops.list_action_holds(p_run_id, p_now_at) as f
             union all
            select f.* from ops.list_run_holds(p_run_id, p_now_at) as f
             union all
            select f.* from ops.list_halt_holds(p_run_id, p_now_at) as f
             union all
            select f.* from ops.list_order_holds(p_run_id, p_now_at) as f
             union all
            select f.* from ops.list_gate_holds(p_run_id, p_now_at) as f) as h
     order by h.step, h.gate;
$function$;

comment on function ops.list_holds(uuid, timestamptz) is
$$Why a run does or does not trade: every step between a bar and an order at the broker, open or not,
since when, for what reason, what was measured against which limit, by which row, and the command that
clears it (null when open).$$;

create or replace function ops.assert_no_live_run()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_live text;
begin
    select string_agg(r.run_id::text, ', ' order by r.run_id) into v_live
      from run.runs as r where r.mode = 'LIVE' and r.run_status in ('ARMED', 'RUNNING');
    perform core.assert_that(v_live is null, 'MQS08', v_live);
end;
$function$;

comment on function ops.assert_no_live_run() is
$$Refuses while a LIVE run is armed or running: asked before the database is changed.
Raises: MQS08 naming the runs.$$;

create or replace function ops.list_session_equity(
    p_run_id uuid
)
returns table (
    session_on    date,
    equity_micros bigint,
    cash_micros   bigint,
    gross_micros  bigint,
    peak_micros   bigint,
    return_ratio  numeric
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with closing as (
        select distinct on (e.session_on) e.*
          from ledger.equity_points as e
          join run.runs as r using (run_id)
         where e.run_id = p_run_id
           and e.session_on >= (r.as_of_at at time zone 'UTC')::date
         order by e.session_on, e.point_seq desc
    )
    select c.session_on, c.equity_micros, c.cash_micros, c.gross_micros,
           greatest(max(c.equity_micros) over w, r.initial_cash_micros),
           c.equity_micros::numeric
           / nullif(coalesce(lag(c.equity_micros) over w, r.initial_cash_micros), 0) - 1
      from closing as c
      join run.runs as r using (run_id)
    window w as (order by c.session_on)
     order by c.session_on;
$function$;

comment on function ops.list_session_equity(uuid) is
$$Equity of a run at the end of each session, in micros, with the peak so far and the return since the
session before (the first: since the opening cash).$$;

create or replace function ops.report_trades(
    p_run_id uuid
)
returns table (
    symbol             text,
    side               text,
    qty                bigint,
    opened_at          timestamptz,
    closed_at          timestamptz,
    entry_price_micros bigint,
    exit_price_micros  bigint,
    realized_micros    bigint,
    sessions_held      bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select c.symbol, case when c.closed_qty > 0 then 'LONG' else 'SHORT' end, abs(c.closed_qty),
           l.opened_at, c.closed_at, c.cost_micros / c.closed_qty, c.exit_price_micros, c.realized_micros,
           (select ref.count_sessions(i.exchange_id, l.opened_at, c.closed_at)
               from ref.instruments as i where i.symbol = c.symbol)
      from ledger.lot_closes as c
      join ledger.lots as l using (run_id, symbol, match_no, lot_seq)
      join ledger.positions as p using (run_id, symbol, match_no)
     where c.run_id = p_run_id
     order by c.fill_seq, c.lot_seq;
$function$;

comment on function ops.report_trades(uuid) is
$$Every closed lot of a run, in closing order, with its profit before fees.$$;

create or replace function ops.report_metrics(
    p_run_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with curve as (
        select array_agg(e.session_on order by e.session_on) as days,
               array_agg(e.equity_micros order by e.session_on) as equity,
               array_agg(e.gross_micros order by e.session_on) as gross,
               sum(e.equity_micros) as sum_micros
          from ops.list_session_equity(p_run_id) as e
    ), closed as (
        select array_agg(t.realized_micros order by t.nth) as profits,
               array_agg(t.sessions_held order by t.nth) as held
          from ops.report_trades(p_run_id) with ordinality as t (
               symbol, side, qty, opened_at, closed_at, entry, exit, realized_micros, sessions_held, nth)
    ), traded as (
        select count(*) as fills, coalesce(sum(f.notional_micros), 0) as notional_micros
          from ledger.standing_fills as f where f.run_id = p_run_id
    ), figures as (
        select f.curve || lab.describe_trades(d.profits, d.held, p.fees_micros)
               || jsonb_build_object(
                   'orders', (select count(*) from oms.orders as o where o.run_id = p_run_id),
                   'rejected_orders', (select count(*) from oms.orders as o
                                        where o.run_id = p_run_id and o.order_status = 'REJECTED'),
                   'denied_orders', (select count(*) from risk.decisions as d
                                      where d.run_id = p_run_id and d.verdict = 'DENY'),
                   'fills', t.fills,
                   'turnover_a_session', round(t.notional_micros / nullif(c.sum_micros, 0), 6),
                   'turnover', round(t.notional_micros / nullif(r.initial_cash_micros, 0), 6),
                   'fees_micros', p.fees_micros, 'realized_micros', p.realized_micros,
                   'unrealized_micros', (f.curve ->> 'final_equity_micros')::bigint
                                        - p.cash_micros - p.cost_micros) as figures
          from run.runs as r
          join ledger.portfolios as p using (run_id)
         cross join curve as c
         cross join closed as d
         cross join traded as t
         cross join lateral lab.describe_curve(
               r.initial_cash_micros, c.days, c.equity, c.gross) as f (curve)
         where r.run_id = p_run_id
    )
    select f.figures || jsonb_build_object('undefined', lab.explain_undefined(f.figures))
      from figures as f;
$function$;

comment on function ops.report_metrics(uuid) is
$$Key figures of a run, by the rules of a backtest's; ratios with six decimals, null where a figure is
undefined, undefined: why.$$;

create or replace function ops.report_positions(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    symbol               text,
    position_qty         bigint,
    cost_micros          bigint,
    mark_micros          bigint,
    market_value_micros  bigint,
    unrealized_micros    bigint,
    realized_micros      bigint,
    marked_at            timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select p.symbol, p.position_qty, p.cost_micros, m.mark_micros,
           p.position_qty * m.mark_micros, p.position_qty * m.mark_micros - p.cost_micros,
           p.realized_micros, m.bar_end_at
      from ledger.positions as p
      left join md.list_marks(p_run_id, p_now_at) as m using (symbol)
     where p.run_id = p_run_id
     order by p.symbol collate "C";
$function$;

comment on function ops.report_positions(uuid, timestamptz) is
$$Positions of a run at the last marks known at p_now_at; null where no mark is known.$$;

create or replace function ops.report_exposure(
    p_run_id uuid,
    p_scheme text,
    p_now_at timestamptz
)
returns table (
    class        text,
    symbols      text,
    long_micros  bigint,
    short_micros bigint,
    net_micros   bigint,
    gross_micros bigint,
    equity_bps   bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with held as (
        select p.symbol, p.market_value_micros as value,
               coalesce(ref.get_class(p.symbol, p_scheme, (p_now_at at time zone x.time_zone)::date),
                        'UNCLASSIFIED') as class
          from ops.report_positions(p_run_id, p_now_at) as p
          join ref.instruments as i using (symbol)
          join ref.exchanges as x using (exchange_id)
         where p.position_qty <> 0
    ), whole as (
        select b.cash_micros + v.value as equity_micros
          from ledger.portfolios as b
         cross join (
            select case when count(*) = count(h.value) then sum(h.value) end as value
              from held as h) as v
         where b.run_id = p_run_id
    )
    select h.class, h.symbols, h.long::bigint, h.short::bigint, (h.long + h.short)::bigint,
           (h.long - h.short)::bigint,
           ((h.long - h.short) * 10000 / nullif(w.equity_micros, 0))::bigint
      from (select h.class, string_agg(h.symbol, ', ' order by h.symbol collate "C") as symbols,
                   case when count(*) = count(h.value) then sum(greatest(h.value, 0)) end as long,
                   case when count(*) = count(h.value) then sum(least(h.value, 0)) end as short
              from held as h
             group by h.class) as h
      left join whole as w on true
     order by h.class;
$function$;

comment on function ops.report_exposure(uuid, text, timestamptz) is
$$What a run holds by the classes of a scheme (sectors, say) as they are at p_now_at, and the gross value
in basis points of its equity. Null where a mark is not known; what has no class is UNCLASSIFIED.
Why: five positions in one sector are one bet.$$;

create or replace function ops.list_orders(
    p_run_id uuid
)
returns table (
    client_order_id    text,
    symbol             text,
    order_qty          bigint,
    order_type         text,
    limit_price_micros bigint,
    stop_price_micros  bigint,
    order_status       text,
    cum_qty            bigint,
    pending_op         text,
    avg_price_micros   bigint,
    outbox_status      text,
    broker_order_id    text,
    submitted_at       timestamptz,
    reject_reason      text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select o.client_order_id, o.symbol, o.order_qty, o.order_type, o.limit_price_micros,
           o.stop_price_micros, o.order_status, o.cum_qty, o.pending_op,
           (select round(sum(f.notional_micros) / sum(abs(f.fill_qty)))::bigint
              from ledger.standing_fills as f
             where f.run_id = o.run_id and f.client_order_id = o.client_order_id),
           b.outbox_status, oms.get_broker_order_id(o.run_id, o.order_id), b.enqueued_at,
           case when o.order_status in ('REJECTED', 'CANCELED', 'EXPIRED') then h.reason end
      from oms.orders as o
      join oms.outbox as b
        on b.run_id = o.run_id and b.order_id = o.order_id and b.request_kind = 'SUBMIT'
      join oms.order_history as h
        on h.run_id = o.run_id and h.order_id = o.order_id and h.history_seq = o.status_seq
     where o.run_id = p_run_id
     order by b.outbox_id;
$function$;

comment on function ops.list_orders(uuid) is
$$Orders of a run in the order in which they were given.$$;

create or replace function ops.list_fills(
    p_run_id uuid
)
returns table (
    fill_seq        bigint,
    execution_id    text,
    client_order_id text,
    symbol          text,
    fill_qty        bigint,
    price_micros    bigint,
    fee_micros      bigint,
    is_late         boolean,
    fill_kind       text,
    filled_at       timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.fill_seq, f.execution_id, f.client_order_id, f.symbol, f.fill_qty, f.price_micros,
           f.fee_micros, f.is_late, f.fill_kind, f.executed_at
      from ledger.fills as f
     where f.run_id = p_run_id
     order by f.fill_seq;
$function$;

comment on function ops.list_fills(uuid) is
$$Booked fills of a run in booking order, reversals and corrections included.$$;

create or replace function ops.report_proof(
    p_run_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'recon', (
            select jsonb_build_object(
                       'comparisons', count(*),
                       'clean', count(*) filter (where c.verdict = 'CLEAN'),
                       'pending', count(*) filter (where c.verdict = 'PENDING'),
                       'dirty', count(*) filter (where c.verdict = 'DIRTY'),
                       'last', (
                           select jsonb_build_object(
                                      'verdict', l.verdict,
                                      'compared_at', core.format_iso(l.compared_at),
                                      'snapshot_sha256', s.document_sha256,
                                      'order_drifts', l.order_drifts,
                                      'position_drifts', l.position_drifts,
                                      'cash_drifts', l.cash_drifts,
                                      'other_drifts', l.other_drifts)
                             from recon.comparisons as l
                             join recon.snapshots as s using (run_id, snapshot_seq)
                            where l.run_id = p_run_id
                            order by l.snapshot_seq desc limit 1))
              from recon.comparisons as c where c.run_id = p_run_id),
        'gates', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'gate', h.gate, 'is_open', h.is_open, 'reason', h.reason,
                       'from_at', core.format_iso(h.observed_at),
                       'to_at', core.format_iso(n.observed_at)) order by h.gate, h.gate_seq), '[]')
              from run.gate_history as h
              left join run.gate_history as n
                on n.run_id = h.run_id and n.gate = h.gate and n.gate_seq = h.gate_seq + 1
             where h.run_id = p_run_id),
        'audit', jsonb_build_object(
            'chains', (
                select jsonb_agg(jsonb_build_object(
                           'chain', c.chain_kind || ' ' || coalesce(c.run_id::text, c.engine_id),
                           'events', c.last_seq, 'head_hash', c.last_hash,
                           'verified', v.first_bad_seq is null,
                           'first_bad_seq', v.first_bad_seq) order by c.chain_kind, c.engine_id)
                  from audit.chains as c
                  cross join lateral (
                    select min(b.event_seq) as first_bad_seq
                      from audit.verify_chain(c.chain_id) as b) as v
                 where c.run_id = p_run_id
                    or c.chain_kind = 'ENGINE' and c.engine_id in (
                       'DESK', (select r.engine_id from run.runs as r where r.run_id = p_run_id))),
            'invariants', (
                select jsonb_agg(jsonb_build_object(
                           'name', i.invariant, 'promise', i.promise, 'violations', i.violations)
                           order by i.invariant)
                  from inv.verify_all() as i)));
$function$;

comment on function ops.report_proof(uuid) is
$$What proves a run: its reconciles, its gates over time, its audit chains and the invariants.$$;

create or replace function ops.report_risk(
    p_run_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'limits', jsonb_build_array(
            jsonb_build_object('limit', 'daily loss', 'unit', 'micros',
                'value', l.daily_loss_limit_micros, 'worst_seen', s.worst_day_micros),
            jsonb_build_object('limit', 'drawdown', 'unit', 'micros',
                'value', l.max_drawdown_micros, 'worst_seen', s.worst_fall_micros),
            jsonb_build_object('limit', 'gross exposure', 'unit', 'micros',
                'value', l.max_gross_exposure_micros, 'worst_seen', (
                    select max(e.gross_micros) from ledger.equity_points as e
                     where e.run_id = p_run_id)),
            jsonb_build_object('limit', 'order quantity', 'unit', 'shares',
                'value', l.max_order_qty, 'worst_seen', (
                    select max(abs(o.order_qty)) from oms.orders as o where o.run_id = p_run_id)),
            jsonb_build_object('limit', 'order notional', 'unit', 'micros',
                'value', l.max_order_notional_micros, 'worst_seen', (
                    select max(abs(d.order_qty) * (d.numbers ->> 'mark_micros')::bigint)
                      from risk.decisions as d
                     where d.run_id = p_run_id and d.verdict = 'ALLOW')),
            jsonb_build_object('limit', 'rejects in the window', 'unit', 'orders',
                'value', l.reject_storm_max_rejects, 'worst_seen', null)),
        'decisions', jsonb_build_object(
            'ALLOW', (select count(*) from risk.decisions as d
                       where d.run_id = p_run_id and d.verdict = 'ALLOW'),
            'DENY', (select count(*) from risk.decisions as d
                      where d.run_id = p_run_id and d.verdict = 'DENY')),
        'denials', (
            select coalesce(jsonb_agg(jsonb_build_object('rule', d.rule, 'count', d.n)
                                      order by d.rule), '[]')
              from (select d.rule, count(*) as n from risk.decisions as d
                     where d.run_id = p_run_id and d.verdict = 'DENY' group by d.rule) as d))
      from risk.limits as l
      join risk.states as s using (run_id)
     where l.run_id = p_run_id;
$function$;

comment on function ops.report_risk(uuid) is
$$A run's limits beside the worst that was seen, and its verdicts by rule.$$;

create or replace function ops.compute_digests(
    p_run_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    select jsonb_build_object(
        'orders', (select core.hash_text(coalesce(string_agg(to_jsonb(o)::text, e'\n'
                              order by o.client_order_id collate "C"), ''))
                     from ops.list_orders(p_run_id) as o),
        'fills', (select core.hash_text(coalesce(string_agg(to_jsonb(f)::text, e'\n'
                             order by f.fill_seq), ''))
                    from ops.list_fills(p_run_id) as f),
        'ledger', (select core.hash_text(coalesce(string_agg(to_jsonb(e)::text, e'\n'
                              order by e.entry_seq), ''))
                     from ledger.entries as e where e.run_id = p_run_id),
        'equity', (select core.hash_text(coalesce(string_agg(to_jsonb(e)::text, e'\n'
                              order by e.point_seq), ''))
                     from ledger.equity_points as e where e.run_id = p_run_id),
        'audit', (select c.last_hash from audit.chains as c where c.chain_id = p_run_id));
$function$;

comment on function ops.compute_digests(uuid) is
$$SHA-256 of a run's orders, fills, ledger and equity, and the head of its diary.
Why: two runs of the same acts must give the same digests, in any time zone.$$;

create or replace function ops.report_history(
    p_run_id uuid,
    p_now_at timestamptz
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with span as (
        select min(e.session_on) as first_on, max(e.session_on) as last_on,
               array_agg(e.session_on order by e.session_on) as days,
               array_agg(e.equity_micros order by e.session_on) as equity
          from ops.list_session_equity(p_run_id) as e
    )
    select jsonb_build_object(
        'equity', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'session_on', e.session_on, 'equity_micros', e.equity_micros,
                       'cash_micros', e.cash_micros, 'gross_micros', e.gross_micros,
                       'drawdown_bps', (e.peak_micros - e.equity_micros) * 10000 / e.peak_micros)
                       order by e.session_on), '[]')
              from ops.list_session_equity(p_run_id) as e),
        'monthly', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'month', m.period, 'return_bps', round(m.return_ratio * 10000))
                       order by m.period collate "C"), '[]')
              from lab.list_periods(r.initial_cash_micros, s.days, s.equity, 'YYYY-MM') as m),
        'benchmark_symbol', c.config #>> '{data,benchmark_symbol}',
        'benchmark', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'session_on', b.session_on, 'close_micros', b.close_micros)
                       order by b.session_on), '[]')
              from md.list_session_closes(
                   c.config #>> '{data,benchmark_symbol}', c.config #>> '{data,timeframe}',
                   s.first_on, s.last_on, p_now_at) as b),
        'prices', (
            select coalesce(jsonb_object_agg(u.symbol, (
                       select coalesce(jsonb_agg(jsonb_build_array(b.session_on, b.close_micros)
                                                 order by b.session_on), '[]')
                         from md.list_session_closes(
                              u.symbol, c.config #>> '{data,timeframe}', s.first_on, s.last_on,
                              p_now_at) as b)), '{}')
              from run.universe as u where u.run_id = p_run_id))
      from run.runs as r
      join run.configs as c using (config_hash)
      cross join span as s
     where r.run_id = p_run_id;
$function$;

comment on function ops.report_history(uuid, timestamptz) is
$$The curves of a report: equity and drawdown by session, monthly returns, benchmark, prices.$$;

create or replace function ops.report_run(
    p_run_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'run_id', r.run_id, 'engine_id', r.engine_id, 'mode', r.mode, 'run_status', r.run_status,
        'clock_kind', r.clock_kind, 'account_id', r.account_id, 'config_hash', r.config_hash,
        'config', c.config, 'as_of_at', core.format_iso(r.as_of_at),
        'created_at', core.format_iso(r.created_at), 'initial_cash_micros', r.initial_cash_micros,
        'strategy_id', a.strategy_id,
        'symbols', (select jsonb_agg(u.symbol order by u.symbol collate "C") from run.universe as u
                     where u.run_id = r.run_id),
        'halt_reason', (select h.reason from run.run_history as h
                         where h.run_id = r.run_id and h.to_status = 'HALTED'
                         order by h.history_seq desc limit 1),
        'history', (select jsonb_agg(jsonb_build_object(
                               'status', h.to_status, 'reason', h.reason, 'actor', h.actor,
                               'at', core.format_iso(h.moved_at)) order by h.history_seq)
                      from run.run_history as h where h.run_id = r.run_id))
      from run.runs as r
      join run.configs as c using (config_hash)
      join strat.assignments as a using (run_id)
     where r.run_id = p_run_id;
$function$;

comment on function ops.report_run(uuid) is
$$A run with its config, its symbols and the history of its status.$$;

create or replace function ops.build_report(
    p_run_id uuid,
    p_now_at timestamptz
)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
begin
    perform core.assert_that(
        exists (select from run.runs as r where r.run_id = p_run_id), 'MQN02', p_run_id::text);
    return jsonb_build_object(
            'run', ops.report_run(p_run_id),
            'metrics', ops.report_metrics(p_run_id),
            'positions', (select coalesce(jsonb_agg(to_jsonb(p)), '[]')
                            from ops.report_positions(p_run_id, p_now_at) as p),
            'trades', (select coalesce(jsonb_agg(to_jsonb(t)), '[]')
                         from ops.report_trades(p_run_id) as t),
            'orders', (select coalesce(jsonb_agg(to_jsonb(o)), '[]')
                         from ops.list_orders(p_run_id) as o),
            'order_counts', (select coalesce(jsonb_object_agg(o.order_status, o.n), '{}')
                               from (select o.order_status, count(*) as n from oms.orders as o
                                      where o.run_id = p_run_id group by o.order_status) as o),
            'fills', (select coalesce(jsonb_agg(to_jsonb(f) || jsonb_build_object(
                                 'session_on',
                                 (ref.get_session_of(i.exchange_id, f.filled_at)).session_on)), '[]')
                        from ops.list_fills(p_run_id) as f
                        join ref.instruments as i using (symbol)),
            'risk', ops.report_risk(p_run_id),
            'quality', (select coalesce(jsonb_agg(to_jsonb(q)), '[]')
                          from md.get_quality(array(
                               select u.symbol from run.universe as u where u.run_id = p_run_id),
                               (select a.timeframe from strat.assignments as a
                                 where a.run_id = p_run_id), p_now_at) as q),
            'digests', ops.compute_digests(p_run_id))
        || ops.report_history(p_run_id, p_now_at)
        || ops.report_proof(p_run_id);
end;
$function$;

comment on function ops.build_report(uuid, timestamptz) is
$$The whole report of a run as one document; money in micros, times in UTC.
Raises: MQN02 no such run.$$;

create or replace function ops.list_status(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    section text,
    item    text,
    value   text,
    is_ok   boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select l.section, l.item, l.value, l.is_ok
      from (select 1, 'run', r.mode || ' ' || r.engine_id,
                   format('%s since %s: %s', r.run_status, core.format_iso(h.moved_at), h.reason),
                   r.run_status = 'RUNNING'
              from run.runs as r
              join run.run_history as h on h.run_id = r.run_id and h.history_seq = r.status_seq
             where r.run_id = p_run_id
             union all
            select 2, 'money', 'equity', core.format_micros(s.equity_micros), true
              from risk.states as s where s.run_id = p_run_id
             union all
            select 2, 'money', m.item, format('%s of %s', core.format_micros(m.lost),
                                              core.format_micros(m.allowed)),
                   not risk.is_breached(-m.lost, 0, m.allowed)
              from risk.states as s
              join risk.limits as l using (run_id)
              cross join lateral (values
                   ('lost today', s.day_start_micros - s.equity_micros, l.daily_loss_limit_micros),
                   ('off the peak', s.peak_micros - s.equity_micros, l.max_drawdown_micros))
                   as m (item, lost, allowed)
             where s.run_id = p_run_id
             union all
            select 3, 'position', p.symbol,
                   format('%s at %s, worth %s', p.position_qty,
                          coalesce(core.format_micros(p.mark_micros), 'unknown'),
                          coalesce(core.format_micros(p.market_value_micros), 'unknown')),
                   p.mark_micros is not null
              from ops.report_positions(p_run_id, p_now_at) as p where p.position_qty <> 0
             union all
            select 4, 'open order', o.symbol,
                   format('%s %s, %s filled, %s%s: %s', o.order_type, o.order_qty, o.cum_qty,
                          o.order_status, ', ' || nullif(o.pending_op, 'NONE') || ' asked',
                          o.client_order_id), true
              from oms.orders as o where o.run_id = p_run_id and o.leaves_qty > 0
             union all
            select 5, 'shut', h.gate, h.reason, false
              from ops.list_holds(p_run_id, p_now_at) as h where not h.is_open)
           as l (place, section, item, value, is_ok)
     order by l.place, l.section, l.item, l.value;
$function$;

comment on function ops.list_status(uuid, timestamptz) is
$$A run at a glance: status, equity, losses beside their limits, positions, open orders, and what is shut.
Unknown is said, never shown as zero.$$;

create or replace function ops.list_order_causes(
    p_run_id   uuid,
    p_order_id uuid
)
returns table (
    at       timestamptz,
    place    integer,
    seq      bigint,
    step     text,
    detail   text,
    evidence text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with i as (
        select i.*
          from oms.orders as o
          join oms.intents as i using (run_id, intent_id)
         where o.run_id = p_run_id and o.order_id = p_order_id
    )
    select b.bar_end_at, 0, 0::bigint, 'bar',
           format('%s of %s: open %s, high %s, low %s, close %s, volume %s; %s, by %s', b.symbol,
                  b.session_on, core.format_micros(b.open_micros), core.format_micros(b.high_micros),
                  core.format_micros(b.low_micros), core.format_micros(b.close_micros), b.volume,
                  g.feed, g.ingested_by), 'md.ingests ' || b.ingest_id
      from i
      join strat.assignments as a using (run_id)
      join md.bars as b on b.symbol = i.symbol and b.timeframe = a.timeframe
                       and b.bar_end_at = i.bar_end_at
      join md.ingests as g using (ingest_id)
     union all
    select d.decided_at, 1, 0, 'decision',
           format('%s saw the context %s', d.strategy_id, left(d.context_sha256, 12)),
           'strat.decisions ' || core.format_iso(d.bar_end_at)
      from i join strat.decisions as d using (run_id, strategy_id, bar_end_at)
     union all
    select d.decided_at, 1, 1, 'target', format('%s shares of %s by %s', t.target_qty, t.symbol, concat_ws(
               ' ', t.order_type, 'stop ' || core.format_micros(t.stop_price_micros),
               'limit ' || core.format_micros(t.limit_price_micros))),
           'strat.targets ' || core.format_iso(t.bar_end_at)
      from i
      join strat.targets as t using (run_id, strategy_id, bar_end_at, symbol)
      join strat.decisions as d using (run_id, strategy_id, bar_end_at)
     union all
    select i.created_at, 2, 0, 'intent',
           format('%s on bar %s: target %s, held %s, open %s, so %s %s', i.strategy_id,
                  core.format_iso(i.bar_end_at), i.target_qty, i.position_qty, i.open_qty,
                  i.order_qty, i.symbol), 'oms.intents ' || i.intent_id
      from i
     union all
    select d.decided_at, 3, 0, 'verdict',
           format('%s %s: %s', d.verdict, d.rule, d.numbers - 'limits'),
           'risk.decisions ' || d.intent_id
      from i join risk.decisions as d using (run_id, intent_id);
$function$;

comment on function ops.list_order_causes(uuid, uuid) is
$$Why an order was given: the bar and where it came from, the decision, the target, the intent, the verdict
with the numbers that it saw.$$;

create or replace function ops.list_order_steps(
    p_run_id   uuid,
    p_order_id uuid
)
returns table (
    at       timestamptz,
    place    integer,
    seq      bigint,
    step     text,
    detail   text,
    evidence text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with b as (
        select * from oms.outbox as b where b.run_id = p_run_id and b.order_id = p_order_id
    )
    select h.moved_at, 4, h.history_seq, 'outbox',
           format('%s %s: %s (%s)', b.request_kind, h.to_status, h.reason, h.actor),
           format('oms.outbox %s %s', b.outbox_id, h.history_seq)
      from b join oms.outbox_history as h using (run_id, outbox_id)
     union all
    select a.begun_at, 5, a.attempt_no, 'attempt',
           format('%s number %s by %s under lease epoch %s', a.request_kind, a.attempt_no,
                  a.worker_name, a.lease_epoch), format('oms.attempts %s %s', b.outbox_id, a.attempt_no)
      from b join oms.attempts as a using (run_id, outbox_id)
     union all
    select m.permitted_at, 6, m.attempt_no, 'permit', 'told what to send to ' || m.permitted_to,
           format('oms.permits %s %s', b.outbox_id, m.attempt_no)
      from b join oms.permits as m using (run_id, outbox_id)
     union all
    select m.mapped_at, 7, 0, 'broker', 'the broker calls it ' || m.broker_order_id,
           'oms.broker_map ' || b.outbox_id
      from b join oms.broker_map as m using (run_id, outbox_id)
     union all
    select n.received_at, 8, n.inbox_id, 'message',
           format('%s %s: %s', n.event_kind, n.disposition, n.reason), 'oms.inbox ' || n.inbox_id
      from oms.inbox as n
     where n.run_id = p_run_id and n.order_id = p_order_id
     union all
    select h.moved_at, 10, h.history_seq, 'order',
           format('%s, filled %s: %s', h.to_status, h.cum_qty, h.reason),
           'oms.order_history ' || h.history_seq
      from oms.order_history as h
     where h.run_id = p_run_id and h.order_id = p_order_id;
$function$;

comment on function ops.list_order_steps(uuid, uuid) is
$$What became of an order on its way: requests, attempts, permits, the broker's name and messages, its
status.$$;

create or replace function ops.list_order_books(
    p_run_id   uuid,
    p_order_id uuid
)
returns table (
    at       timestamptz,
    place    integer,
    seq      bigint,
    step     text,
    detail   text,
    evidence text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with f as (
        select f.*
          from oms.orders as o
          join ledger.fills as f
            on f.run_id = o.run_id and f.client_order_id = o.client_order_id
         where o.run_id = p_run_id and o.order_id = p_order_id
    )
    select f.booked_at, 9, f.fill_seq, lower(f.fill_kind),
           format('%s at %s, fee %s, execution %s', f.fill_qty, core.format_micros(f.price_micros),
                  core.format_micros(f.fee_micros), f.execution_id), 'ledger.fills ' || f.fill_seq
      from f
     union all
    select f.booked_at, 9, f.fill_seq, 'cash',
           format('cash %s by %s, realised %s', core.format_micros(e.cash_micros),
                  core.format_micros(e.cash_delta_micros),
                  core.format_micros(e.realized_delta_micros)), 'ledger.entries ' || e.entry_seq
      from f join ledger.entries as e using (run_id, fill_seq)
     union all
    select f.booked_at, 9, f.fill_seq, 'lot',
           format('opened %s at %s, %s of it open now', l.opened_qty,
                  core.format_micros(l.entry_price_micros), l.open_qty),
           format('ledger.lots %s %s', l.match_no, l.lot_seq)
      from f
      join ledger.positions as p using (run_id, symbol)
      join ledger.lots as l
        on (l.run_id, l.symbol, l.match_no, l.lot_seq)
           = (p.run_id, p.symbol, p.match_no, f.fill_seq)
     union all
    select f.booked_at, 9, f.fill_seq, 'close',
           format('%s from %s to %s: %s', c.closed_qty,
                  core.format_micros(c.cost_micros / c.closed_qty),
                  core.format_micros(c.exit_price_micros), core.format_micros(c.realized_micros)),
           format('ledger.lot_closes %s %s %s', c.match_no, c.fill_seq, c.lot_seq)
      from f
      join ledger.positions as p using (run_id, symbol)
      join ledger.lot_closes as c
        on (c.run_id, c.symbol, c.match_no, c.fill_seq)
           = (p.run_id, p.symbol, p.match_no, f.fill_seq);
$function$;

comment on function ops.list_order_books(uuid, uuid) is
$$What an order did to the books: fills, cash, lots opened, lots closed; lots as they are matched now.$$;

create or replace function ops.list_order_diary(
    p_run_id   uuid,
    p_order_id uuid
)
returns table (
    at       timestamptz,
    place    integer,
    seq      bigint,
    step     text,
    detail   text,
    evidence text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with b as (
        select o.order_id, o.intent_id, o.client_order_id, b.outbox_id
          from oms.orders as o
          join oms.outbox as b using (run_id, order_id)
         where o.run_id = p_run_id and o.order_id = p_order_id
    )
    select e.occurred_at, 11, e.event_seq, 'diary',
           format('%s %s, hash %s', e.topic, e.event_name, left(e.event_hash, 16)),
           'audit.events ' || e.event_seq
      from audit.events as e
     where e.chain_id = p_run_id
       and exists (
           select from b
            where e.payload ->> 'client_order_id' = b.client_order_id
               or e.payload ->> 'intent_id' = b.intent_id::text
               or e.payload ->> 'order_id' = b.order_id::text
               or e.payload ->> 'outbox_id' = b.outbox_id::text);
$function$;

comment on function ops.list_order_diary(uuid, uuid) is
$$The entries of the diary that name an order, its intent or its requests, with their hashes.$$;

create or replace function ops.explain_order(
    p_run_id   uuid,
    p_order_id uuid
)
returns table (
    at       timestamptz,
    step     text,
    detail   text,
    evidence text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select l.at, l.step, l.detail, l.evidence
      from (select f.* from ops.list_order_causes(p_run_id, p_order_id) as f
             union all
            select f.* from ops.list_order_steps(p_run_id, p_order_id) as f
             union all
            select f.* from ops.list_order_books(p_run_id, p_order_id) as f
             union all
            select f.* from ops.list_order_diary(p_run_id, p_order_id) as f) as l
     order by l.place = 11, l.at, l.place, l.seq, l.step;
$function$;

comment on function ops.explain_order(uuid, uuid) is
$$The life of one order, step by step: bar, decision, target, intent, verdict, requests, attempts, broker,
messages, fills, lots; then the entries of the diary that name it.$$;

create or replace function ops.explain_run(
    p_run_id uuid
)
returns table (
    at       timestamptz,
    step     text,
    detail   text,
    evidence text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select l.at, l.step, l.detail, l.evidence
      from (select r.created_at, 1, 'config',
                   format('%s of engine %s on account %s, config %s', r.mode, r.engine_id,
                          r.account_id, left(r.config_hash, 16)), 'run.configs ' || r.config_hash
              from run.runs as r where r.run_id = p_run_id
             union all
            select h.moved_at, 2, 'status', format('%s: %s (%s)', h.to_status, h.reason, h.actor),
                   'run.run_history ' || h.history_seq
              from run.run_history as h where h.run_id = p_run_id
             union all
            select g.armed_at, 3, 'arming',
                   format('"%s" by %s%s; %s checks, program %s, schema %s', g.words, g.armed_by,
                          ', approved by ' || g.approved_by, jsonb_array_length(g.checks),
                          left(g.build, 12), left(g.fingerprint, 12)), 'run.armings ' || g.history_seq
              from run.armings as g where g.run_id = p_run_id
             union all
            select h.observed_at, 4, 'gate',
                   format('%s %s: %s', h.gate, case when h.is_open then 'opened' else 'SHUT' end,
                          h.reason), format('run.gate_history %s %s', h.gate, h.gate_seq)
              from run.gate_history as h where h.run_id = p_run_id
             union all
            select a.acted_at, 5, 'person',
                   format('%s asked for %s: %s', a.actor, a.action,
                          concat_ws(' ', a.outcome, a.error_code, a.detail)),
                   'ops.operator_actions ' || a.action_id
              from ops.operator_actions as a where a.run_id = p_run_id
             union all
            select o.created_at, 6, 'order',
                   format('%s: %s %s, %s, filled %s', o.client_order_id, o.order_qty, o.symbol,
                          o.order_status, o.cum_qty), 'oms.orders ' || o.order_id
              from oms.orders as o where o.run_id = p_run_id)
           as l (at, place, step, detail, evidence)
     order by l.at, l.place, l.evidence;
$function$;

comment on function ops.explain_run(uuid) is
$$The life of a run: config, status, armings, gates, what people asked for, and its orders by name.$$;

create or replace function ops.explain_any(
    p_name text
)
returns table (
    at       timestamptz,
    step     text,
    detail   text,
    evidence text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order oms.orders;
begin
    if exists (select from run.runs as r where r.run_id::text = lower(p_name)) then
        return query select f.* from ops.explain_run(p_name::uuid) as f;
        return;
    end if;
    select o.* into v_order
      from oms.orders as o
      join run.runs as r using (run_id)  -- of the engines of the login
     where o.client_order_id = p_name
        or (o.run_id, o.client_order_id) in (
            select f.run_id, f.client_order_id from ledger.fills as f where f.execution_id = p_name)
     limit 1;
    perform core.assert_that(found, 'MQN09', coalesce(p_name, 'nothing'));
    return query select f.* from ops.explain_order(v_order.run_id, v_order.order_id) as f;
end;
$function$;

comment on function ops.explain_any(text) is
$$Explains what a name stands for: an order (client_order_id), a fill (execution id: the order that it
belongs to) or a run (its id).
Raises: MQN09 nothing has this name.$$;

create or replace function ops.open_backtest(
    p_dataset_id     uuid,
    p_canonical_json text,
    p_code_sha256    text,
    p_now_at         timestamptz
)
returns lab.backtests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_config jsonb;
    v_set    lab.datasets;
    v_bad    text;
begin
    perform core.assert_that(
        num_nulls(p_dataset_id, p_canonical_json, p_now_at) = 0, 'MQA01', 'dataset_id, config, now_at');
    perform run.store_config(p_canonical_json, p_now_at);
    v_config := p_canonical_json::jsonb;
    select string_agg(format('CONFIG_%s %s %s', c.rule, c.path, c.problem), '; ') into v_bad
      from ops.check_config(v_config) as c
     where c.is_fatal;
    perform core.assert_that(v_bad is null, 'MQA07', v_bad);
    select d.* into v_set from lab.datasets as d where d.dataset_id = p_dataset_id;
    perform core.assert_that(found, 'MQN80', p_dataset_id::text);
    perform core.assert_that(
        v_config #>> '{data,timeframe}' = v_set.timeframe
        and v_set.symbols = array(
            select distinct s.value collate "C"
              from jsonb_array_elements_text(v_config #> '{strategy,symbols}') as s order by 1),
        'MQA81', format('%s %s', v_set.timeframe, array_to_string(v_set.symbols, ', ')));
    return lab.open_backtest(p_dataset_id, p_canonical_json, p_code_sha256, 0, p_now_at);
end;
$function$;

comment on function ops.open_backtest(uuid, text, text, timestamptz) is
$$Opens the backtest of a config on a dataset: the very config that a run would be created from.
p_code_sha256: the digest of a strategy outside the database.
Raises: MQA01; MQA06; MQA07 naming every fault; MQA30 a secret; MQA80; MQA81 another timeframe or other
symbols than those of the dataset; MQN80.$$;

create or replace function ops.finish_backtest(
    p_backtest_id uuid,
    p_now_at      timestamptz
)
returns lab.backtests
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_test lab.backtests;
begin
    select b.* into v_test from lab.backtests as b where b.backtest_id = p_backtest_id;
    perform core.assert_that(found, 'MQN81', p_backtest_id::text);
    perform lab.assert_signals(v_test);
    return lab.run_backtest(p_backtest_id, null, p_now_at);
end;
$function$;

comment on function ops.finish_backtest(uuid, timestamptz) is
$$Runs an opened backtest whose signals are there, and gives its result.
Raises: MQN81; MQS81 its strategy has not given its signals.$$;

create or replace function ops.run_backtest(
    p_dataset_id     uuid,
    p_canonical_json text,
    p_now_at         timestamptz
)
returns lab.backtests
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select f.*
      from ops.open_backtest(p_dataset_id, p_canonical_json, null, p_now_at) as o
     cross join lateral ops.finish_backtest(o.backtest_id, p_now_at) as f;
$function$;

comment on function ops.run_backtest(uuid, text, timestamptz) is
$$Runs the SQL strategy of a config on a dataset, under its risk limits and costs. The same config on the
same dataset is run once.
Raises: what ops.open_backtest and ops.finish_backtest raise.$$;

create or replace function ops.finish_sweep_job(
    p_sweep_id    uuid,
    p_job_no      integer,
    p_claim_no    integer,
    p_backtest_id uuid,
    p_now_at      timestamptz
)
returns lab.sweep_jobs
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_job lab.sweep_jobs := lab.lock_sweep_job(p_sweep_id, p_job_no, p_claim_no);
begin
    if v_job.job_status = 'CLAIMED' then
        perform ops.finish_backtest(p_backtest_id, p_now_at);
    end if;
    return lab.end_sweep_job(v_job, p_backtest_id, null, p_now_at);
end;
$function$;

comment on function ops.finish_sweep_job(uuid, integer, integer, uuid, timestamptz) is
$$Runs the backtest of a claimed job and ends the job, in one transaction; one that has ended stays.
Raises: MQN82; MQS84; MQN81; MQS81; MQI83 a backtest of something else.$$;

create or replace function ops.fail_sweep_job(
    p_sweep_id uuid,
    p_job_no   integer,
    p_claim_no integer,
    p_failure  text,
    p_now_at   timestamptz
)
returns lab.sweep_jobs
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select f.*
      from lab.lock_sweep_job(p_sweep_id, p_job_no, p_claim_no) as j
     cross join lateral lab.end_sweep_job(j, null, coalesce(p_failure, 'no reason'), p_now_at) as f;
$function$;

comment on function ops.fail_sweep_job(uuid, integer, integer, text, timestamptz) is
$$Ends a claimed job whose backtest was refused, with what was said.
Raises: MQN82; MQS84.$$;

create or replace function ops.report_backtest_history(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with sessions as materialized (
        select s.* from lab.list_sessions(p_backtest_id) as s
    ), curve as (
        select array_agg(s.session_on order by s.session_on) as days,
               array_agg(s.equity_micros order by s.session_on) as equity
          from sessions as s
    )
    select jsonb_build_object(
        'equity', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'session_on', s.session_on, 'equity_micros', s.equity_micros,
                       'cash_micros', s.cash_micros, 'gross_micros', s.gross_micros,
                       'drawdown_bps', (s.peak_micros - s.equity_micros) * 10000 / s.peak_micros)
                       order by s.session_on), '[]')
              from sessions as s),
        'monthly', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'month', m.period, 'return_bps', round(m.return_ratio * 10000))
                       order by m.period collate "C"), '[]')
              from lab.list_periods(b.initial_cash_micros, c.days, c.equity, 'YYYY-MM') as m),
        'yearly', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'year', y.period, 'return_bps', round(y.return_ratio * 10000))
                       order by y.period collate "C"), '[]')
              from lab.list_periods(b.initial_cash_micros, c.days, c.equity, 'YYYY') as y),
        'rolling_sharpe', (
            select coalesce(jsonb_agg(jsonb_build_array(c.days[r.position_no], r.sharpe)
                                      order by r.position_no), '[]')
              from lab.list_rolling_sharpe(b.initial_cash_micros || c.equity, 126) as r),
        'distribution', (
            select coalesce(jsonb_agg(to_jsonb(k) order by k.from_bps), '[]')
              from lab.list_return_buckets(b.initial_cash_micros || c.equity) as k))
      from lab.backtests as b
     cross join curve as c
     where b.backtest_id = p_backtest_id;
$function$;

comment on function ops.report_backtest_history(uuid) is
$$The curves of a backtest's report: equity and drawdown by session, returns by month and year, the Sharpe
ratio of 126 sessions as it rolls, and the distribution of the returns of sessions.$$;

create or replace function ops.report_backtest_prices(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with prices as materialized (
        select p.symbol, p.session_on, p.close_micros
          from lab.list_session_prices(p_backtest_id) as p
         where p.close_micros is not null
    ), given as (
        select c.config #>> '{data,benchmark_symbol}' as symbol, d.*
          from lab.backtests as b
          join lab.datasets as d using (dataset_id)
          join run.configs as c using (config_hash)
         where b.backtest_id = p_backtest_id
    ), benchmark as (
        select p.session_on, p.close_micros
          from given as g join prices as p on p.symbol = g.symbol
         union all
        select b.session_on, b.close_micros
          from given as g
         cross join lateral md.list_session_closes(
               g.symbol, g.timeframe, g.from_on, g.to_on, g.frozen_at) as b
         where g.symbol <> all (g.symbols)
    )
    select jsonb_build_object(
        'benchmark_symbol', g.symbol,
        'benchmark', (
            select coalesce(jsonb_agg(to_jsonb(b) order by b.session_on), '[]') from benchmark as b),
        'prices', (
            select coalesce(jsonb_object_agg(s.symbol, s.closes), '{}')
              from (select p.symbol, jsonb_agg(jsonb_build_array(p.session_on, p.close_micros)
                                               order by p.session_on) as closes
                      from prices as p group by p.symbol) as s))
      from given as g;
$function$;

comment on function ops.report_backtest_prices(uuid) is
$$Closes by session of a backtest's symbols, and of its benchmark: from the dataset if it is in there, else
from the store as it was when the dataset was frozen.$$;

create or replace function ops.report_backtest_risk(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with seen as (
        select max(s.gross_micros) as gross, max(s.peak_micros - s.equity_micros) as fall,
               max(coalesce(s.before, b.initial_cash_micros) - s.equity_micros) as loss
          from lab.backtests as b
         cross join (select s.*, lag(s.equity_micros) over (order by s.session_on) as before
                       from lab.list_sessions(p_backtest_id) as s) as s
         where b.backtest_id = p_backtest_id
    )
    select jsonb_build_object(
        'limits', jsonb_build_array(
            jsonb_build_object('limit', 'daily loss', 'unit', 'micros',
                'value', l.daily_loss_limit_micros, 'worst_seen', greatest(s.loss, 0)),
            jsonb_build_object('limit', 'drawdown', 'unit', 'micros',
                'value', l.max_drawdown_micros, 'worst_seen', s.fall),
            jsonb_build_object('limit', 'gross exposure', 'unit', 'micros',
                'value', l.max_gross_exposure_micros, 'worst_seen', s.gross),
            jsonb_build_object('limit', 'order quantity', 'unit', 'shares',
                'value', l.max_order_qty, 'worst_seen', (
                    select max(abs(o.order_qty)) from lab.orders as o
                     where o.backtest_id = p_backtest_id)),
            jsonb_build_object('limit', 'rejects in the window', 'unit', 'orders',
                'value', l.reject_storm_max_rejects, 'worst_seen', null)),
        'decisions', jsonb_build_object(
            'ALLOW', (select count(*) from lab.orders as o
                       where o.backtest_id = p_backtest_id and o.leg = 'TARGET'),
            'DENY', (select count(*) from lab.denials as d where d.backtest_id = p_backtest_id)),
        'denials', (
            select coalesce(jsonb_agg(jsonb_build_object('rule', d.rule, 'count', d.n)
                                      order by d.rule collate "C"), '[]')
              from (select d.rule, count(*) as n from lab.denials as d
                     where d.backtest_id = p_backtest_id group by d.rule) as d))
      from lab.backtests as b
      join run.configs as c using (config_hash)
     cross join lateral risk.compute_limits(
           p_backtest_id, b.initial_cash_micros, c.config -> 'risk') as l
     cross join seen as s
     where b.backtest_id = p_backtest_id;
$function$;

comment on function ops.report_backtest_risk(uuid) is
$$A backtest's limits beside the worst that was seen when sessions ended, and its verdicts by rule.$$;

create or replace function ops.report_paper(
    p_backtest_id uuid,
    p_run_id      uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'run_id', r.run_id, 'mode', r.mode, 'run_status', r.run_status, 'config_hash', r.config_hash,
        'equity', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'session_on', e.session_on, 'equity_micros', e.equity_micros)
                       order by e.session_on), '[]')
              from ops.list_session_equity(p_run_id) as e),
        'differences', (
            select coalesce(jsonb_agg(to_jsonb(d) order by d.kind collate "C", d.place), '[]')
              from lab.list_differences(p_backtest_id, p_run_id) as d))
      from run.runs as r
     where r.run_id = p_run_id;
$function$;

comment on function ops.report_paper(uuid, uuid) is
$$A run to lay beside a backtest: its equity by session and where it did something else. Null without a run.
Raises: MQN02.$$;

create or replace function ops.report_studies(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with newest as (
        select distinct on (s.study_kind) s.*
          from lab.list_studies(p_backtest_id) with ordinality
               as s (study_id, study_kind, terms, is_passed, measures, steps, nth)
         where s.study_kind in ('STRESS', 'WALK_FORWARD') and s.is_passed is not null
         order by s.study_kind, s.nth
    )
    select coalesce(jsonb_object_agg(lower(n.study_kind), jsonb_build_object(
               'is_passed', n.is_passed,
               'steps', (
                   select jsonb_agg(jsonb_build_object(
                              case n.study_kind when 'STRESS' then 'scenario' else 'fold' end,
                              case n.study_kind when 'STRESS' then t.step ->> 'scenario'
                                                else t.step ->> 'fold_no' end,
                              'is_ok', t.step -> 'is_ok',
                              'measures', jsonb_build_object(
                                  'total_return', t.step #> '{measures,total_return}',
                                  'max_drawdown', t.step #> '{measures,max_drawdown}',
                                  'sharpe', t.step #> '{measures,sharpe}',
                                  'trades', t.step #> '{measures,trades}')) order by t.nth)
                     from jsonb_array_elements(n.steps) with ordinality as t (step, nth)
                    where t.step ->> 'step_part' <> 'TRAIN'))), '{}')
      from newest as n;
$function$;

comment on function ops.report_studies(uuid) is
$$The newest stress battery and walk-forward of a backtest that have ended, as its tearsheet shows them:
{stress, walk_forward: {is_passed, steps [{scenario | fold, is_ok, measures}]}}; {} when there is none.$$;

create or replace function ops.build_tearsheet(
    p_backtest_id uuid,
    p_run_id      uuid
)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
begin
    perform core.assert_that(
        exists (select from lab.backtests as b
                 where b.backtest_id = p_backtest_id and b.backtest_status <> 'CREATED'),
        'MQN81', p_backtest_id::text);
    perform core.assert_that(
        p_run_id is null or exists (select from run.runs as r where r.run_id = p_run_id), 'MQN02',
        p_run_id::text);
    return (
        select jsonb_build_object(
                   'backtest', to_jsonb(b) - array['created_by', 'created_at']
                               || jsonb_build_object('config', c.config,
                                                     'costs', c.config -> 'execution'),
                   'dataset', to_jsonb(d) - array['frozen_by', 'frozen_at'],
                   'metrics', lab.describe_backtest(p_backtest_id),
                   'trades', (select coalesce(jsonb_agg(to_jsonb(t)), '[]')
                                from lab.list_trades(p_backtest_id) as t),
                   'orders', (select coalesce(jsonb_agg(to_jsonb(o)), '[]')
                                from lab.list_orders(p_backtest_id) as o),
                   'order_counts', (
                       select coalesce(jsonb_object_agg(o.order_status, o.n), '{}')
                         from (select o.order_status, count(*) as n from lab.orders as o
                                where o.backtest_id = p_backtest_id group by o.order_status) as o),
                   'fills', (select coalesce(jsonb_agg(to_jsonb(f)), '[]')
                               from lab.list_fills(p_backtest_id) as f),
                   'risk', ops.report_backtest_risk(p_backtest_id),
                   'paper', ops.report_paper(p_backtest_id, p_run_id))
               || ops.report_backtest_history(p_backtest_id)
               || ops.report_backtest_prices(p_backtest_id)
               || ops.report_studies(p_backtest_id)
          from lab.backtests as b
          join lab.datasets as d using (dataset_id)
          join run.configs as c using (config_hash)
         where b.backtest_id = p_backtest_id);
end;
$function$;

comment on function ops.build_tearsheet(uuid, uuid) is
$$The whole report of a backtest that ended as one document, with a run beside it unless p_run_id is null;
money in micros, times in UTC. The same config on the same bars, studied alike, gives the same document in
every database.
Raises: MQN81 no such backtest, or it has not ended; MQN02 no such run.$$;

create or replace trigger _900_refuse_change before update or delete on ops.operator_actions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ops.operator_actions
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ops.tokens
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ops.tokens
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ops.token_ends
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ops.token_ends
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ops.token_uses
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ops.token_uses
for each statement execute function core.tg_refuse_change();

commit;
