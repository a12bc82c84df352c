create or replace function risk.compute_limits(
    p_run_id        uuid,
    p_equity_micros bigint,
    p_risk          jsonb
)
returns risk.limits
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select row(
        p_run_id,
        trunc(p_equity_micros * (p_risk ->> 'daily_loss_limit')::numeric)::bigint,
        trunc(p_equity_micros * (p_risk ->> 'max_drawdown')::numeric)::bigint,
        (p_risk ->> 'max_order_qty')::bigint,
        trunc(p_equity_micros * (p_risk ->> 'max_order_notional')::numeric)::bigint,
        trunc(p_equity_micros * (p_risk ->> 'max_position_per_symbol')::numeric)::bigint,
        trunc(p_equity_micros * (p_risk ->> 'max_gross_exposure')::numeric)::bigint,
        trunc(p_equity_micros * (p_risk ->> 'max_net_exposure')::numeric)::bigint,
        trunc(10000 * (p_risk ->> 'max_leverage')::numeric)::bigint,
        trunc(10000 * (p_risk ->> 'halt_leverage')::numeric)::bigint,
        trunc(10000 * (p_risk ->> 'max_concentration')::numeric)::bigint,
        (p_risk ->> 'price_collar_bps')::integer,
        (p_risk #>> '{order_rate,max_orders}')::bigint,
        (p_risk #>> '{order_rate,window_seconds}')::bigint * 1000,
        (p_risk #>> '{message_rate,max_messages}')::bigint,
        (p_risk #>> '{message_rate,window_seconds}')::bigint * 1000,
        (p_risk #>> '{repeated_execution,max_orders}')::bigint,
        (p_risk #>> '{repeated_execution,window_seconds}')::bigint * 1000,
        p_risk ->> 'allowed_session',
        p_risk #>> '{pdt,mode}',
        (p_risk #>> '{pdt,max_day_trades}')::bigint,
        core.parse_micros(p_risk #>> '{pdt,min_equity}'),
        (p_risk ->> 'flatten_on_critical')::boolean,
        (p_risk #>> '{reject_storm,max_rejects}')::integer,
        (p_risk #>> '{reject_storm,window_seconds}')::bigint * 1000,
        (p_risk ->> 'allow_short')::boolean)::risk.limits;
$function$;

comment on function risk.compute_limits(uuid, bigint, jsonb) is
$$The limits of a run: the ratios of config.risk in micros of its opening equity, those of its equity now
in ten-thousandths; rounded down.$$;
