create or replace function risk.set_limits(
    p_run_id        uuid,
    p_equity_micros bigint,
    p_risk          jsonb,
    p_session_on    date,
    p_now_at        timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into risk.limits (
        run_id, daily_loss_limit_micros, max_drawdown_micros, max_order_qty,
        max_order_notional_micros, max_position_micros, max_gross_exposure_micros,
        max_net_exposure_micros, max_leverage_bps, halt_leverage_bps, max_concentration_bps,
        price_collar_bps, max_orders, order_window_ms, max_messages, message_window_ms, max_repeats,
        repeat_window_ms, allowed_session, pdt_mode, pdt_max_day_trades, pdt_min_equity_micros,
        flatten_on_critical, reject_storm_max_rejects, reject_storm_window_ms, allow_short)
    select p_run_id,
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
           (p_risk -> 'reject_storm' ->> 'max_rejects')::integer,
           (p_risk -> 'reject_storm' ->> 'window_seconds')::bigint * 1000,
           (p_risk ->> 'allow_short')::boolean;

    insert into risk.states (
        run_id, session_on, day_start_micros, peak_micros, equity_micros, gross_micros,
        worst_day_micros, worst_fall_micros, evaluated_at)
    values (p_run_id, p_session_on, p_equity_micros, p_equity_micros, p_equity_micros, 0, 0, 0,
            p_now_at);
$function$;

comment on function risk.set_limits(uuid, bigint, jsonb, date, timestamptz) is
$$Turns the ratios of config.risk into a run's limits, in micros of its opening equity.
Raises: 23514 a limit is zero or negative, or halt_leverage below max_leverage; 23502 one is missing.$$;
